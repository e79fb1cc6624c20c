//! The inputs for what a deployment runs.

use components::select::Choice;
use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::workspace::secret::{ListSecrets, ListSecretsPath},
    deployment::{
        ConfigFile, Port, Probe, ProbeKind, Protocol, Resources, RestartPolicy, Spec, StopRule,
        StopSignal,
    },
    value::Argument,
};

use crate::{
    form::{EnvironmentInput, MoreInputs, SelectInput, TextAreaInput, TextInput},
    load::{first_page, load},
    parts::volume_inputs::VolumeInputs,
    paths,
};

/// Empty rows below the filled ones.
const BLANK_ROWS: usize = 2;

/// The inputs for every part of a specification; what most apps do not need is folded away.
#[component]
pub(crate) fn SpecInputs(
    spec: Spec,
    /// The workspace, whose secrets the environment may name.
    workspace_id: WorkspaceId,
) -> impl IntoView {
    let secrets = load::<ListSecrets>(Some(ListSecretsPath { workspace_id }), first_page());
    let ports_are_usual = spec.ports.len() == 1 && spec.ports.iter().all(|port| port.is_http());
    let Spec {
        image,
        ports,
        environment: variables,
        config_files,
        volumes,
        ..
    } = spec.clone();
    let environment = move || {
        let variables = variables.clone();
        Suspend::new(async move {
            // Without the list, what is named stays named.
            let secrets = secrets.await.map(|page| page.items).unwrap_or_default();
            view! { <EnvironmentInput variables=variables secrets=secrets /> }
        })
    };
    let first = ports.first();
    view! {
        <TextInput
            label="Image"
            field="spec.image"
            value=image.to_string()
            mono=true
            hint="A container image that the runner has or can pull, for example nginx:1.27."
        />
        <p class="field-hint">
            "A private image needs a user name and a password for its registry, kept under "
            <a href=paths::registries(workspace_id)>"Registries"</a> "."
        </p>
        <TextInput
            label="Port"
            field="spec.ports[0].number"
            kind="number"
            value=first.map_or_else(String::new, |port| port.number.to_string())
            optional=true
            hint="The port on which the app answers HTTP. Leave it empty if it answers none."
        />
        <Suspense>{environment}</Suspense>
        <MoreInputs summary="More ports" fields=&["spec.ports"] open=!ports_are_usual>
            <Ports ports=ports />
        </MoreInputs>
        <Process spec=spec.clone() />
        <Size spec=spec.clone() />
        <Health spec=spec />
        <Files files=config_files />
        <VolumeInputs mounts=volumes workspace_id=workspace_id />
    }
}

/// What is spoken on the first port, and the other ports.
#[component]
fn Ports(ports: Vec<Port>) -> impl IntoView {
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
                    label=format!("Port {} speaks", row + 1)
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
            label="The first port speaks"
            field="spec.ports[0].protocol"
            choices=protocols()
            value=protocol(first.protocol)
            hint="The first port that speaks HTTP is the app's own address."
            optional=true
        />
        {rows}
    }
}

/// HTTP is what is meant when nothing is said, so that an empty row says nothing at all.
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

/// What is started, and what happens when it ends.
#[component]
fn Process(spec: Spec) -> impl IntoView {
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

/// How many instances, and how large.
#[component]
fn Size(spec: Spec) -> impl IntoView {
    let open = spec.instances != 1 || spec.resources != Resources::default();
    let number = |number: Option<u32>| number.map_or_else(String::new, |n| n.to_string());
    view! {
        <MoreInputs
            summary="Instances, processor and memory"
            fields=&["spec.instances", "spec.resources"]
            open=open
        >
            <TextInput
                label="Instances"
                field="spec.instances"
                kind="number"
                value=spec.instances.to_string()
            />
            <TextInput
                label="Processor"
                field="spec.resources.cpu_millis"
                kind="number"
                value=number(spec.resources.cpu_millis)
                optional=true
                hint="Thousandths of one processor for each instance: 500 is half of one. No limit when empty."
            />
            <TextInput
                label="Memory"
                field="spec.resources.memory_mib"
                kind="number"
                value=number(spec.resources.memory_mib)
                optional=true
                hint="MiB for each instance; one that needs more is ended. No limit when empty."
            />
        </MoreInputs>
    }
}

/// How an instance shows that it works.
#[component]
fn Health(spec: Spec) -> impl IntoView {
    let usual = Probe::default();
    let open = spec.startup_probe != usual || spec.liveness_probe != usual;
    view! {
        <MoreInputs
            summary="Health"
            fields=&["spec.startup_probe", "spec.liveness_probe"]
            open=open
        >
            <ProbeInputs
                title="When it starts"
                hint="A release is live once this is answered. When nothing is asked, the HTTP port must answer; without one the app must stay up for a few seconds."
                field="spec.startup_probe"
                probe=spec.startup_probe
            />
            <ProbeInputs
                title="While it runs"
                hint="An instance that does not answer is started again."
                field="spec.liveness_probe"
                probe=spec.liveness_probe
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
    let kinds = choices(ProbeKind::ALL.map(|kind| {
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

/// Files that are put into each instance.
#[component]
fn Files(files: Vec<ConfigFile>) -> impl IntoView {
    let open = !files.is_empty();
    let rows = 0..files.len() + BLANK_ROWS;
    let rows = rows.map(|row| {
        let file = files.get(row);
        let (path, content) = file.map_or_else(Default::default, |file| {
            (file.path.to_string(), file.content.to_string())
        });
        view! {
            <TextInput
                label=format!("Path of file {}", row + 1)
                field=format!("spec.config_files[{row}].path")
                value=path
                placeholder="/etc/app.toml"
                optional=true
                mono=true
            />
            <TextAreaInput
                label=format!("Content of file {}", row + 1)
                field=format!("spec.config_files[{row}].content")
                value=content
            />
        }
    });
    let rows = rows.collect_view();
    view! {
        <MoreInputs summary="Configuration files" fields=&["spec.config_files"] open=open>
            <p class="field-hint">
                "Put into each instance before it starts. Empty rows do not count."
            </p>
            {rows}
        </MoreInputs>
    }
}

fn choices<const N: usize>(pairs: [(&'static str, &'static str); N]) -> Vec<Choice> {
    pairs
        .map(|(value, label)| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
        })
        .into()
}

/// Arguments, one a line; as a JSON list when lines could not tell them apart.
fn lines(arguments: &[Argument]) -> String {
    let plain = arguments.iter().all(|argument| {
        let text = argument.as_str();
        !text.is_empty() && !text.starts_with('[') && !text.contains(['\n', '\r'])
    });
    if plain {
        let arguments: Vec<&str> = arguments.iter().map(Argument::as_str).collect();
        arguments.join("\n")
    } else {
        serde_json::to_string(arguments).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use models::value::{Argument, lines as read};
    use serde::de::value::StrDeserializer;

    use super::lines;

    #[test]
    fn a_command_survives_its_input() {
        for command in [
            &[][..],
            &["sh", "-c", "echo a b"],
            &["a", "", "b"],
            &["a", ""],
            &["", "a"],
            &["a\nb", "c"],
            &["a\rb", "c\r"],
            &["[", "-f", "/a", "]"],
        ] {
            let arguments: Vec<Argument> =
                command.iter().map(|one| Argument::trusted(*one)).collect();
            let typed = lines(&arguments);
            let back = read(StrDeserializer::<serde::de::value::Error>::new(&typed)).unwrap();
            assert_eq!(back, arguments, "{typed}");
        }
    }
}
