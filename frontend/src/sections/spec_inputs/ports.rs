//! The inputs for the ports of a deployment.

use components::select::Choice;
use leptos::prelude::*;
use models::deployment::{Port, Protocol};

use super::BLANK_ROWS;
use crate::form::{SelectInput, TextInput};

/// The protocol of the first port, and the other ports.
#[component]
pub(super) fn Ports(ports: Vec<Port>) -> impl IntoView {
    let first = ports.first().copied().unwrap_or(Port::http(1));
    let rows = 1..ports.len().max(1) + BLANK_ROWS;
    let rows = rows.map(|row| {
        let port = ports.get(row);
        view! {
            <div class="form-row">
                <TextInput
                    label=format!("Port {}", row + 1)
                    field=format!("spec.ports[{row}].number")
                    kind="number"
                    value=port.map_or_else(String::new, |port| port.number.to_string())
                    optional=true
                />
                <SelectInput
                    label=format!("Protocol of port {}", row + 1)
                    field=format!("spec.ports[{row}].protocol")
                    choices=protocols()
                    value=port.map_or_else(String::new, |port| protocol(port.protocol))
                    optional=true
                />
            </div>
        }
    });
    let rows = rows.collect_view();
    view! {
        <SelectInput
            label="Protocol of the first port"
            field="spec.ports[0].protocol"
            choices=protocols()
            value=protocol(first.protocol)
            hint="The first HTTP port is the address of the app."
            optional=true
        />
        {rows}
    }
}

/// Returns the protocols.
///
/// HTTP is the default, so its value is empty and a blank row stays blank.
fn protocols() -> Vec<Choice> {
    Protocol::ALL
        .into_iter()
        .map(|one| Choice {
            value: protocol(one),
            label: one.name().to_uppercase(),
        })
        .collect()
}

fn protocol(protocol: Protocol) -> String {
    match protocol {
        Protocol::Http => String::new(),
        Protocol::Tcp | Protocol::Udp => protocol.name().to_owned(),
    }
}
