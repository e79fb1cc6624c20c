//! The inputs for what is started, and for how it ends.

use leptos::prelude::*;
use models::deployment::{RestartPolicy, Spec, StopRule, StopSignal};

use super::{choices, lines};
use crate::form::{MoreInputs, SelectInput, TextAreaInput, TextInput};

/// What is started, and what happens when it ends.
#[component]
pub(super) fn Process(spec: Spec) -> impl IntoView {
    let usual = Spec::of_image(spec.image.clone());
    let open = (
        &spec.command,
        &spec.working_directory,
        spec.restart,
        spec.stop,
    ) != (
        &usual.command,
        &usual.working_directory,
        usual.restart,
        usual.stop,
    );
    let StopRule { signal, grace_ms } = spec.stop;
    let signals = choices(StopSignal::ALL.map(|signal| (signal.name(), signal.name())));
    let policies = choices(RestartPolicy::ALL.map(|policy| {
        let label = match policy {
            RestartPolicy::Always => "Always",
            RestartPolicy::OnFailure => "Unless its exit code was 0",
            RestartPolicy::Never => "Never",
        };
        (policy.name(), label)
    }));
    view! {
        <MoreInputs
            summary="Command, start and stop"
            fields=&["spec.command", "spec.working_directory", "spec.restart", "spec.stop"]
            open=open
        >
            <TextAreaInput
                label="Command"
                field="spec.command"
                value=lines(&spec.command)
                hint="One argument a line, or a JSON list; no shell reads it. When empty, the image's own."
            />
            <TextInput
                label="Working folder"
                field="spec.working_directory"
                value=spec.working_directory.map_or_else(String::new, |path| path.to_string())
                optional=true
                mono=true
            />
            <SelectInput
                label="Start it again when it ends"
                field="spec.restart"
                choices=policies
                value=spec.restart.name()
            />
            <SelectInput
                label="Signal that asks it to stop"
                field="spec.stop.signal"
                choices=signals
                value=signal.name()
            />
            <TextInput
                label="Time it gets to stop"
                field="spec.stop.grace_ms"
                kind="number"
                value=grace_ms.to_string()
                hint="In milliseconds. After that it is ended."
            />
        </MoreInputs>
    }
}
