//! `/workspace/{workspace_id}/project/new`: the form for a new project.

use components::{button::ButtonKind, section::Card};
use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::workspace::project::{CreateProject, CreateProjectPath},
    environment::FIRST_ENVIRONMENT,
};

use super::PROJECTS;
use crate::{
    form::{EndpointForm, TextInput},
    pages::workspace::resource::create::create_page,
};

/// The form for a new project.
#[component]
pub(crate) fn CreateProjectPage() -> impl IntoView {
    create_page(PROJECTS, "Workspace owners can create projects.", form)
}

fn form(workspace_id: WorkspaceId) -> AnyView {
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateProject
                path=CreateProjectPath { workspace_id }
                success="/workspace/{project.workspace_id}/project/{project.project_id}"
                kind=ButtonKind::Primary
                label="Create project"
                busy_label="Creating…"
            >
                <TextInput
                    label="Name"
                    field="name"
                    mono=true
                    placeholder="shop"
                    hint="Unique in the workspace. Lowercase letters, digits and hyphens."
                />
                <TextInput
                    label="First environment"
                    field="environment"
                    value=FIRST_ENVIRONMENT
                    mono=true
                    hint="You can add more later."
                />
            </EndpointForm>
        </Card>
    }
    .into_any()
}
