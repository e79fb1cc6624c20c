//! `/workspace/{workspace_id}/environment/new`: the form for a new environment.

use components::{button::ButtonKind, page::PageHeader, section::Card};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use models::{
    ProjectId,
    api::workspace::{
        environment::{CreateEnvironment, CreateEnvironmentPath},
        project::{GetProject, GetProjectPath, GetProjectResponse},
    },
    endpoint::Empty,
    project::Project,
    rbac::{EnvironmentAction, Permission},
};

use crate::{
    account::Grants,
    form::{EndpointForm, TextInput},
    load::{Loaded, load},
    pages::workspace::ids::workspace_id,
    paths,
};

/// The form for a new environment of the project in the address (`?project=`).
#[component]
pub(crate) fn CreateEnvironmentPage() -> impl IntoView {
    let ids = workspace_id().zip(project_in_address());
    let path = ids.map(|(workspace_id, project_id)| GetProjectPath {
        workspace_id,
        project_id,
    });
    let project = load::<GetProject>(path, Empty {});
    let view = move |GetProjectResponse { project }, grants| {
        view! { <Page project=project grants=grants /> }.into_any()
    };
    view! {
        <Title text="New environment" />
        <Loaded loading=project view=view />
    }
}

fn project_in_address() -> Option<ProjectId> {
    let query = use_query_map();
    let text = query.read_untracked().get("project");
    text?.parse().ok()
}

#[component]
fn Page(project: Project, grants: Grants) -> impl IntoView {
    let list = paths::project(project.workspace_id, project.project_id);
    let above = (project.name.to_string(), list);
    let body = if grants.allow(Permission::Environment(EnvironmentAction::Create)) {
        view! { <Form project=project /> }.into_any()
    } else {
        view! { <p class="soft">"Workspace owners can create environments."</p> }.into_any()
    };
    view! {
        <div class="page page-narrow">
            <PageHeader title="New environment" above=above />
            {body}
        </div>
    }
}

#[component]
fn Form(project: Project) -> impl IntoView {
    let workspace_id = project.workspace_id;
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateEnvironment
                path=CreateEnvironmentPath { workspace_id }
                success="/workspace/{environment.workspace_id}/environment/{environment.environment_id}"
                kind=ButtonKind::Primary
                label="Create environment"
                busy_label="Creating…"
            >
                <input type="hidden" name="project" value=project.project_id.to_string() />
                <TextInput
                    label="Name"
                    field="name"
                    mono=true
                    placeholder="staging"
                    hint="Unique in the project. Lowercase letters, digits and hyphens."
                />
            </EndpointForm>
        </Card>
    }
}
