//! The inputs for a specification.

mod files;
mod health;
mod instances;
mod ports;
mod process;
mod size;
pub(crate) mod volumes;

use components::select::Choice;
use leptos::prelude::*;
use models::{
    EnvironmentId, WorkspaceId,
    api::workspace::secret::{ListSecrets, ListSecretsPath},
    deployment::{ImageDescription, Spec},
    name_or_id::NameOrId,
    page::EnvironmentPageQuery,
    value::Argument,
};

use self::{
    files::Files, health::Health, instances::InstanceInputs, ports::Ports, process::Process,
    size::Size, volumes::VolumeInputs,
};
use crate::{
    form::{EnvironmentInput, MoreInputs, TextInput},
    load::{first_page, load},
    paths,
};

/// Number of empty rows below the filled ones.
const BLANK_ROWS: usize = 2;

/// The inputs for every part of a specification.
///
/// Settings that most apps do not need are collapsed.
#[component]
pub(crate) fn SpecInputs(
    spec: Spec,
    workspace_id: WorkspaceId,
    /// The environment of the secrets and volumes; the default one if absent.
    environment: Option<EnvironmentId>,
    /// The facts of the image, if known.
    #[prop(optional_no_strip)]
    image: Option<ImageDescription>,
) -> impl IntoView {
    let path = ListSecretsPath { workspace_id };
    let secrets = load::<ListSecrets>(Some(path), choices_in(environment));
    let ports_are_usual = spec.ports.len() == 1 && spec.ports.iter().all(|port| port.is_http());
    let unkept = image
        .as_ref()
        .map(|image| image.unmounted_volumes(&spec.volumes));
    let Spec {
        image: reference,
        ports,
        environment: variables,
        config_files,
        volumes,
        ..
    } = spec.clone();
    let environment_inputs = move || {
        let variables = variables.clone();
        Suspend::new(async move {
            // Without the list, referenced secrets stay referenced.
            let secrets = secrets.await.map(|page| page.items).unwrap_or_default();
            view! { <EnvironmentInput variables=variables secrets=secrets /> }
        })
    };
    let files = move || {
        let files = config_files.clone();
        Suspend::new(async move {
            let secrets = secrets.await.map(|page| page.items).unwrap_or_default();
            view! { <Files files=files secrets=secrets /> }
        })
    };
    let first = ports.first();
    view! {
        <TextInput
            label="Image"
            field="spec.image"
            value=reference.to_string()
            mono=true
            hint="A container image that the runner has or can pull, for example nginx:1.27."
        />
        <p class="field-hint">
            "A private image needs a username and a password for its registry. Add them under "
            <a href=paths::registries(workspace_id)>"Registries"</a> "."
        </p>
        <TextInput
            label="Port"
            field="spec.ports[0].number"
            kind="number"
            value=first.map_or_else(String::new, |port| port.number.to_string())
            optional=true
            hint="The port on which the app serves HTTP. Leave it empty if the app does not serve HTTP."
        />
        <Suspense>{environment_inputs}</Suspense>
        <MoreInputs summary="More ports" fields=&["spec.ports"] open=!ports_are_usual>
            <Ports ports=ports />
        </MoreInputs>
        <Size resources=spec.resources />
        <Process spec=spec.clone() image=image />
        <InstanceInputs spec=spec.clone() />
        <Health spec=spec />
        <Suspense>{files}</Suspense>
        <VolumeInputs
            mounts=volumes
            workspace_id=workspace_id
            environment=environment
            unkept=unkept.unwrap_or_default()
        />
    }
}

/// Returns the query for what can be chosen in an environment.
///
/// A workspace with one environment needs no filter.
fn choices_in(environment: Option<EnvironmentId>) -> EnvironmentPageQuery {
    EnvironmentPageQuery {
        environment: environment.map(NameOrId::Id),
        ..first_page().into()
    }
}

fn options<const N: usize>(pairs: [(&'static str, &'static str); N]) -> Vec<Choice> {
    pairs
        .map(|(value, label)| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
        })
        .into()
}

/// Formats arguments one per line, or as a JSON list if lines would be ambiguous.
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
