//! `/workspace/{workspace_id}/deployment/{deployment_id}/runs`
//!
//! A deployment's runs, and the form for a new one.

use components::{
    button::ButtonKind,
    empty::EmptyState,
    icon::Glyph,
    rows::Rows,
    section::{Card, Section},
    select::Choice,
};
use leptos::prelude::*;
use models::{
    DeploymentId, WorkspaceId,
    api::workspace::{
        StreamWorkspace, StreamWorkspacePath,
        deployment::{CreateRun, CreateRunPath, CreateRunRequest, ListRuns, ListRunsPath},
    },
    deployment::{Deployment, DesiredState},
    endpoint::Empty,
    page::Page,
    rbac::{DeploymentAction, Permission},
    run::Run,
    value::Argument,
};

use super::tabs::{DeploymentHeader, DeploymentPage, DeploymentTab};
use crate::{
    account::Grants,
    api_call::ApiCall,
    form::{EndpointForm, SelectInput, TextAreaInput},
    load::{Loaded, first_page, load},
    paths,
    region::Region,
    sections::deployment::RunRow,
};

/// The shortest time between two redraws, in milliseconds.
///
/// The stream tells of every deployment of the workspace.
pub(super) const PAUSE_MS: u32 = 500;

/// Time limits to choose from, in milliseconds, with their labels.
const LIMITS: [(i64, &str); 5] = [
    (10 * 60_000, "10 minutes"),
    (60 * 60_000, "1 hour"),
    (6 * 60 * 60_000, "6 hours"),
    (24 * 60 * 60_000, "1 day"),
    (7 * 24 * 60 * 60_000, "1 week"),
];

/// Retries to choose from.
const RETRIES: [u16; 5] = [0, 1, 2, 5, 10];

/// A deployment's runs, and the form for a new one.
#[component]
pub(crate) fn ListRunsPage() -> impl IntoView {
    view! { <DeploymentPage tab=DeploymentTab::Runs body=runs /> }
}

fn runs(deployment: Deployment, grants: Grants) -> AnyView {
    let ids = (deployment.workspace_id, deployment.deployment_id);
    let (workspace_id, deployment_id) = ids;
    let path = ListRunsPath {
        workspace_id,
        deployment_id,
    };
    let runs = load::<ListRuns>(Some(path.clone()), first_page());
    let may_run = grants.allow(Permission::Deployment(DeploymentAction::Exec))
        && deployment.desired != DesiredState::Deleted;
    let form = may_run.then(|| view! { <NewRun ids=ids /> });
    let view = move |page: Page<Run>, _| {
        view! {
            <Region
                stream=StreamWorkspace
                path=StreamWorkspacePath { workspace_id }
                id="runs"
                pause_ms=PAUSE_MS
            >
                <RunList runs=page.items total=page.total workspace_id=workspace_id />
            </Region>
        }
        .into_any()
    };
    view! {
        <DeploymentHeader tab=DeploymentTab::Runs deployment=deployment grants=grants />
        <Loaded loading=runs view=view />
        {form}
        <ApiCall endpoint=ListRuns path=path query=first_page() />
    }
    .into_any()
}

#[component]
fn RunList(runs: Vec<Run>, total: i64, workspace_id: WorkspaceId) -> impl IntoView {
    if runs.is_empty() {
        return view! {
            <EmptyState
                glyph=Glyph::Play
                title="No runs yet"
                sentence="A run is a task that ends, for example a database migration. It has the \
                          deployment's image and variables, and an instance of its own."
            />
        }
        .into_any();
    }
    let shown = runs.len();
    let more = i64::try_from(shown).is_ok_and(|shown| shown < total);
    let more = more.then(|| {
        view! { <p class="soft">{format!("The newest {shown} of {total} runs.")}</p> }
    });
    let rows = runs.into_iter().map(move |run| {
        view! { <RunRow run=run workspace_id=workspace_id /> }
    });
    view! {
        <Section title="Runs">
            <Rows label="Runs">{rows.collect_view()}</Rows>
            {more}
        </Section>
    }
    .into_any()
}

/// The form for a new run.
#[component]
fn NewRun(ids: (WorkspaceId, DeploymentId)) -> impl IntoView {
    let path = CreateRunPath {
        workspace_id: ids.0,
        deployment_id: ids.1,
    };
    let call = path.clone();
    let example = CreateRunRequest {
        entrypoint: Vec::new(),
        arguments: ["bin/migrate", "up"].map(Argument::trusted).to_vec(),
        timeout_ms: None,
        retries: None,
    };
    let choice = |value: String, label: String| Choice { value, label };
    let limits = LIMITS.map(|(ms, label)| choice(ms.to_string(), label.to_owned()));
    let retries = RETRIES.map(|retries| {
        let label = match retries {
            0 => "None".to_owned(),
            1 => "Once".to_owned(),
            more => format!("{more} times"),
        };
        choice(retries.to_string(), label)
    });
    view! {
        <Section
            title="Run a task"
            lead="Starts an instance of its own with the image, variables and files of the live \
                  release, or of the newest one if none is live; without ports and volumes."
        >
            <Card>
                <EndpointForm
                    endpoint=CreateRun
                    path=path
                    success=paths::runs(ids.0, ids.1)
                    kind=ButtonKind::Primary
                    label="Run task"
                    busy_label="Creating…"
                >
                    <TextAreaInput
                        label="Arguments"
                        field="arguments"
                        hint="One per line, or a JSON list, for example bin/migrate and up. They \
                              replace the release's arguments, or else the image's. If both \
                              fields are empty, the release's own program runs."
                    />
                    <TextAreaInput
                        label="Entry point"
                        field="entrypoint"
                        hint="Replaces the entry point of the release or the image, in the same \
                              form. Leave it empty to keep it."
                    />
                    <SelectInput
                        label="Time limit of an attempt"
                        field="timeout_ms"
                        choices=limits.to_vec()
                        value=LIMITS[1].0.to_string()
                    />
                    <SelectInput
                        label="Retries"
                        field="retries"
                        choices=retries.to_vec()
                        hint="The number of further attempts if one fails."
                        value="0"
                    />
                </EndpointForm>
            </Card>
            <ApiCall endpoint=CreateRun path=call query=Empty {} request=example />
        </Section>
    }
}
