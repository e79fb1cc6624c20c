//! `/workspace/{workspace_id}/volume/new`: the form for a new volume.

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    section::Card,
    select::Choice,
    status::Tone,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::{
        runner::{ListRunners, ListRunnersPath},
        volume::{CreateVolume, CreateVolumePath},
    },
    page::Page,
    runner::Runner,
};

use super::VOLUMES;
use crate::{
    form::{EndpointForm, SelectInput, TextInput},
    load::{Loaded, first_page, load},
    pages::workspace::{ids::workspace_id, resource::create::creating},
    paths,
    sections::environment_switch::{
        EnvironmentSelect, Environments, environment_in_address, environment_of_form,
        load_environments,
    },
};

/// Hint about the size of a volume and its limits.
pub(super) const SIZE_HINT: &str = "In MiB, GiB or TiB. A volume can grow but not shrink. Docker runners cannot enforce the size: an app can fill the host's disk.";

/// The form for a new volume.
#[component]
pub(crate) fn CreateVolumePage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| ListRunnersPath { workspace_id });
    let runners = load::<ListRunners>(path.clone(), first_page());
    let environments = load_environments(path.as_ref().map(|path| path.workspace_id));
    let view = move |(page, environments): (Page<Runner>, Environments), grants| {
        let id = path.as_ref().map(|path| path.workspace_id);
        id.map(|id| {
            let form = move || form(id, environments, page.items);
            creating(
                VOLUMES,
                id,
                grants,
                "Workspace owners can create volumes.",
                form,
            )
        })
        .into_any()
    };
    view! {
        <Title text=VOLUMES.new />
        <Loaded loading=(runners, environments) view=view />
    }
}

fn form(
    workspace_id: WorkspaceId,
    environments: Environments,
    mut runners: Vec<Runner>,
) -> AnyView {
    runners.retain(may_keep_volumes);
    if runners.is_empty() {
        return view! { <NoRunner workspace_id=workspace_id /> }.into_any();
    }
    view! { <Form workspace_id=workspace_id environments=environments runners=runners /> }
        .into_any()
}

/// True if the runner may keep volumes.
///
/// A runner that never connected has not ruled it out.
fn may_keep_volumes(runner: &Runner) -> bool {
    runner.about.as_ref().is_none_or(|about| about.volumes)
}

#[component]
fn NoRunner(workspace_id: WorkspaceId) -> impl IntoView {
    view! {
        <Alert tone=Tone::Warn title="No runner supports volumes">
            <p>"Volumes are stored on the host of a runner. Add a runner that supports volumes first."</p>
            <LinkButton href=paths::new_runner(workspace_id) label="Add a runner" />
        </Alert>
    }
}

#[component]
fn Form(
    workspace_id: WorkspaceId,
    environments: Environments,
    runners: Vec<Runner>,
) -> impl IntoView {
    let environment = environment_of_form(&environments, environment_in_address());
    let connected = runners.iter().find(|runner| runner.connected);
    let chosen = connected.or(runners.first());
    let chosen = chosen.map_or_else(String::new, |runner| runner.runner_id.to_string());
    let choices: Vec<_> = runners.iter().map(option).collect();
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateVolume
                path=CreateVolumePath { workspace_id }
                success="/workspace/{volume.workspace_id}/volume/{volume.volume_id}"
                kind=ButtonKind::Primary
                label="Create volume"
                busy_label="Creating…"
                note="The folder is created when a deployment first uses the volume."
            >
                <EnvironmentSelect environments=environments current=environment />
                <TextInput
                    label="Name"
                    field="name"
                    mono=true
                    placeholder="database"
                    hint="Unique in the environment. Lowercase letters, digits and hyphens."
                />
                <SelectInput
                    label="Runner"
                    field="runner_id"
                    choices=choices
                    value=chosen
                    hint="The data is stored on the host of this runner, and only deployments on this runner can use it. You cannot change the runner later."
                />
                <TextInput
                    label="Size"
                    field="size_bytes"
                    value="10 GiB"
                    mono=true
                    hint=SIZE_HINT
                />
            </EndpointForm>
        </Card>
    }
}

fn option(runner: &Runner) -> Choice {
    Choice {
        value: runner.runner_id.to_string(),
        label: runner.name.to_string(),
    }
}
