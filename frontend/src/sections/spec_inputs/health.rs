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
            ImageCheckUse::Use => "Use it",
            ImageCheckUse::Ignore => "Ignore it",
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
                title="When it starts"
                hint="A release is live once this is answered. When nothing is asked, the image's health check must succeed; without one the HTTP port must answer, and without that the app must stay up for a few seconds."
                field="spec.startup_probe"
                probe=spec.startup_probe
            />
            <ProbeInputs
                title="While it runs"
                hint="An instance that does not answer is started again."
                field="spec.liveness_probe"
                probe=spec.liveness_probe
            />
            <SelectInput
                label="Health check of the image"
                field="spec.image_health_check"
                choices=uses
                value=check.name()
                hint="An image may bring a check of its own. It proves a release without a start-up question, and shows while it runs whether the app works."
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
            ProbeKind::None => "Ask nothing",
            ProbeKind::Http => "GET a path",
            ProbeKind::Tcp => "Connect to a port",
            ProbeKind::Command => "Run a command inside",
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
                label="Question"
                field=format!("{field}.kind")
                choices=kinds
                value=probe.kind.name()
            />
            <div class="probe-port">
                <TextInput
                    label="Port that is asked"
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
                    label="Command that is run"
                    field=format!("{field}.command")
                    value=lines(&probe.command)
                    hint="One argument a line, or a JSON list."
                />
            </div>
            <div class="form-row probe-times">
                {number("Time for an answer (ms)", "timeout_ms", probe.timeout_ms)}
                {number("Pause between questions (ms)", "interval_ms", probe.interval_ms)}
                {number("Wrong answers in a row", "failures", probe.failures.into())}
            </div>
        </fieldset>
    }
}
