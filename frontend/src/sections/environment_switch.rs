//! The choice of an environment, stored in the page's address.
//!
//! A workspace with one environment never sees it.

use components::{
    button::SubmitButton,
    disclosure::Disclosure,
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
    form::SelectInput,
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
    /// The current environment; `None` for all.
    current: Option<EnvironmentId>,
    /// True if the page can show all environments together.
    #[prop(optional)]
    all: bool,
) -> impl IntoView {
    let environments = environments.map_or_else(Vec::new, |page| page.items);
    if environments.len() < 2 {
        return ().into_any();
    }
    let mut choices = choices(&environments, current);
    if all {
        let everything = Choice {
            value: String::new(),
            label: "All environments".to_owned(),
        };
        choices.insert(0, everything);
    }
    view! {
        <form class="cluster cluster-end" method="get" action=page aria-label="Environment">
            <Select
                label="Environment"
                name="environment"
                choices=choices
                value=current.map_or_else(String::new, |id| id.to_string())
                optional=all
            />
            <SubmitButton label="Show" busy_label="Loading…" />
        </form>
    }
    .into_any()
}

/// Returns the environments to choose from, and the current one in any case.
fn choices(environments: &[Environment], current: Option<EnvironmentId>) -> Vec<Choice> {
    let mut choices: Vec<_> = environments.iter().map(option).collect();
    // The list ends at its first page.
    let current = current.map(|id| id.to_string());
    choices.extend(
        current
            .filter(|id| choices.iter().all(|one| one.value != *id))
            .map(|id| Choice {
                value: id.clone(),
                label: id,
            }),
    );
    choices
}

fn option(environment: &Environment) -> Choice {
    Choice {
        value: environment.environment_id.to_string(),
        label: format!("{} / {}", environment.project_name, environment.name),
    }
}

/// Returns the environment of a new resource.
///
/// It is the one in the address, or else the default one. `None` while the workspace has only one.
pub(crate) fn environment_of_form(
    environments: &Environments,
    in_address: Option<EnvironmentId>,
) -> Option<EnvironmentId> {
    let environments = &environments.as_ref()?.items;
    let default = environments
        .iter()
        .find(|environment| environment.is_default);
    let default = default.map(|environment| environment.environment_id);
    in_address.or(default).filter(|_| environments.len() > 1)
}

/// The choice of a new resource's environment; nothing while there is only one.
#[component]
pub(crate) fn EnvironmentSelect(
    environments: Environments,
    /// The environment that is chosen at first.
    current: Option<EnvironmentId>,
) -> impl IntoView {
    let environments = environments.map_or_else(Vec::new, |page| page.items);
    let current = current?;
    Some(view! {
        <SelectInput
            label="Environment"
            field="environment"
            choices=choices(&environments, Some(current))
            value=current.to_string()
        />
    })
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

/// The environment of a new deployment, with a way to another one.
///
/// The secrets and volumes in the form are of this environment, so changing it loads the form
/// anew.
#[component]
pub(crate) fn EnvironmentOfForm(
    /// The address of the form, without the environment.
    page: String,
    environments: Environments,
    /// The environment.
    current: Option<EnvironmentId>,
) -> impl IntoView {
    let listed = environments.as_ref().map_or(&[][..], |page| &page.items);
    let chosen = choices(listed, current).into_iter();
    let mut chosen =
        chosen.filter(|choice| Some(&choice.value) == current.map(|id| id.to_string()).as_ref());
    let name = chosen.next().map(|choice| choice.label)?;
    Some(view! {
        <Disclosure summary=format!("Environment: {name}")>
            <EnvironmentSwitch page=page environments=environments current=current />
        </Disclosure>
    })
}

/// A hidden input with the environment of a new resource.
#[component]
pub(crate) fn EnvironmentIdInput(environment: Option<EnvironmentId>) -> impl IntoView {
    environment.map(|id| view! { <input type="hidden" name="environment" value=id.to_string() /> })
}
