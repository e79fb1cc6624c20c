//! The choice of an environment, stored in the page's address.
//!
//! A workspace with one environment never sees it.

use components::{
    button::SubmitButton,
    facts::Fact,
    select::{Choice, Select},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use models::{
    EnvironmentId, WorkspaceId,
    api::workspace::environment::{ListEnvironments, ListEnvironmentsPath},
    deployment::Deployment,
    environment::{Environment, EnvironmentSummary},
    page::Page,
};

use crate::{
    account::Grants,
    load::{Loading, first_page, load_if_possible},
    paths,
};

/// The environments of a workspace, while they load; `None` if that fails.
pub(crate) type Environments = Option<Page<Environment>>;

/// Loads the environments to choose from.
pub(crate) fn load_environments(workspace_id: Option<WorkspaceId>) -> Loading<Environments> {
    let path = workspace_id.map(|workspace_id| ListEnvironmentsPath { workspace_id });
    load_if_possible::<ListEnvironments>(path, first_page())
}

/// Returns the environment in the page's address (`?environment=`), if it is an id.
pub(crate) fn environment_in_address() -> Option<EnvironmentId> {
    let query = use_query_map();
    let text = query.read_untracked().get("environment");
    text?.parse().ok()
}

/// Returns the name of an environment after its project's.
pub(crate) fn environment_name(environment: &EnvironmentSummary) -> String {
    format!("{} / {}", environment.project_name, environment.name)
}

/// The form that changes the environment in the address. It needs no scripts.
#[component]
pub(crate) fn EnvironmentSwitch(
    /// The address of the page, without the environment.
    page: String,
    environments: Environments,
    /// The current environment; `None` for all, or for the default one.
    current: Option<EnvironmentId>,
    /// True if the page can show all environments together.
    #[prop(optional)]
    all: bool,
) -> impl IntoView {
    let environments = environments.map_or_else(Vec::new, |page| page.items);
    if environments.len() < 2 {
        return ().into_any();
    }
    let mut choices: Vec<_> = environments.iter().map(option).collect();
    let mut value = current.map_or_else(String::new, |id| id.to_string());
    if all {
        choices.insert(
            0,
            Choice {
                value: String::new(),
                label: "All environments".to_owned(),
            },
        );
    } else if value.is_empty() {
        value = default_of(&environments).map_or_else(String::new, |id| id.to_string());
    }
    view! {
        <form class="cluster cluster-end" method="get" action=page aria-label="Environment">
            <Select
                label="Environment"
                name="environment"
                choices=choices
                value=value
                optional=all
            />
            <SubmitButton label="Show" busy_label="Loading…" />
        </form>
    }
    .into_any()
}

fn option(environment: &Environment) -> Choice {
    Choice {
        value: environment.environment_id.to_string(),
        label: format!("{} / {}", environment.project_name, environment.name),
    }
}

/// Returns the default environment of the default project: ids sort by time.
fn default_of(environments: &[Environment]) -> Option<EnvironmentId> {
    let projects = environments
        .iter()
        .map(|environment| environment.project_id);
    let project = projects.min()?;
    let of_project = environments.iter().filter(|one| one.project_id == project);
    of_project
        .map(|environment| environment.environment_id)
        .min()
}

/// The environment of a resource; nothing while there is only one.
#[component]
pub(crate) fn EnvironmentFact(
    workspace_id: WorkspaceId,
    environment: EnvironmentSummary,
    grants: Grants,
) -> impl IntoView {
    grants.show_environments().then(|| {
        let href = paths::environment(workspace_id, environment.environment_id);
        view! {
            <Fact name="Environment">
                <a href=href>{environment_name(&environment)}</a>
            </Fact>
        }
    })
}

/// The link from a deployment to the list that it is in.
pub(crate) fn list_of(deployment: &Deployment, grants: Grants) -> (String, String) {
    let list = paths::deployments(deployment.workspace_id);
    if grants.show_environments() {
        let environment = &deployment.environment;
        let list = paths::within(&list, Some(environment.environment_id));
        (environment_name(environment), list)
    } else {
        ("Deployments".to_owned(), list)
    }
}

/// A hidden input with the environment of a new resource.
#[component]
pub(crate) fn EnvironmentInput(environment: Option<EnvironmentId>) -> impl IntoView {
    environment.map(|id| view! { <input type="hidden" name="environment" value=id.to_string() /> })
}
