//! The inputs for probes and health checks.

use leptos::prelude::*;
use models::deployment::{ImageCheckUse, Probe, ProbeKind, Spec};

use super::{lines, options};
use crate::form::{MoreInputs, SelectInput, TextAreaInput, TextInput};

/// The probes and the health check of an instance.
#[component]
pub(super) fn Health(spec: Spec) -> impl IntoView {
    let usual = Probe::default();
    let check = spec.image_health_check;
    let open = spec.startup_probe != usual
        || spec.liveness_probe != usual
        || check != ImageCheckUse::default();
    let uses = options(ImageCheckUse::ALL.map(|used| {
        let label = match used {
            ImageCheckUse::Use => "Use",
            ImageCheckUse::Ignore => "Ignore",
        };
        (used.name(), label)
    }));
    view! {
        <MoreInputs
            summary="Health"
            fields=&["spec.startup_probe", "spec.liveness_probe", "spec.image_health_check"]
            open=open
        >
            <ProbeInputs
                title="Startup probe"
                hint="A release goes live when this probe succeeds. Without a probe, the image's health check must succeed; without a health check, the HTTP port must answer; without an HTTP port, the app must stay up for a few seconds."
                field="spec.startup_probe"
                probe=spec.startup_probe
            />
            <ProbeInputs
                title="Liveness probe"
                hint="An instance that fails this probe is restarted."
                field="spec.liveness_probe"
                probe=spec.liveness_probe
            />
            <SelectInput
                label="Image health check"
                field="spec.image_health_check"
                choices=uses
                value=check.name()
                hint="An image can declare its own health check. It verifies releases without a startup probe, and shows whether the app is healthy while it runs."
            />
        </MoreInputs>
    }
}

#[component]
fn ProbeInputs(
    title: &'static str,
    hint: &'static str,
    field: &'static str,
    probe: Probe,
) -> impl IntoView {
    let kinds = options(ProbeKind::ALL.map(|kind| {
        let label = match kind {
            ProbeKind::None => "None",
            ProbeKind::Http => "HTTP GET",
            ProbeKind::Tcp => "TCP connection",
            ProbeKind::Command => "Command in the instance",
        };
        (kind.name(), label)
    }));
    let number = |label: &'static str, name: &str, value: u32| {
        view! {
            <TextInput
                label=label
                field=format!("{field}.{name}")
                kind="number"
                value=value.to_string()
            />
        }
    };
    view! {
        <fieldset class="form probe">
            <legend class="field-label">{title}</legend>
            <p class="field-hint">{hint}</p>
            <SelectInput
                label="Probe type"
                field=format!("{field}.kind")
                choices=kinds
                value=probe.kind.name()
            />
            <div class="probe-port">
                <TextInput
                    label="Probe port"
                    field=format!("{field}.port")
                    kind="number"
                    value=probe.port.map_or_else(String::new, |port| port.to_string())
                    optional=true
                />
            </div>
            <div class="probe-path">
                <TextInput
                    label="Path"
                    field=format!("{field}.path")
                    value=probe.path.as_ref().map_or_else(String::new, ToString::to_string)
                    placeholder="/healthz"
                    optional=true
                    mono=true
                />
            </div>
            <div class="probe-command">
                <TextAreaInput
                    label="Probe command"
                    field=format!("{field}.command")
                    value=lines(&probe.command)
                    hint="One argument per line, or a JSON list."
                />
            </div>
            <div class="form-row probe-times">
                {number("Timeout (ms)", "timeout_ms", probe.timeout_ms)}
                {number("Interval (ms)", "interval_ms", probe.interval_ms)}
                {number("Failures in a row", "failures", probe.failures.into())}
            </div>
        </fieldset>
    }
}
