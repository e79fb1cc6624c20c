//! `/workspace/{workspace_id}/project/{project_id}`: a project.

use components::{
    button::ButtonKind,
    rows::{Row, Rows},
    section::{Card, Section},
};
use leptos::prelude::*;
use models::{
    api::workspace::{
        environment::{CreateEnvironment, CreateEnvironmentPath},
        project::{
            DeleteProject, DeleteProjectPath, GetProject, GetProjectPath, GetProjectResponse,
            UpdateProject, UpdateProjectPath,
        },
    },
    environment::EnvironmentSummary,
    project::Project,
    rbac::{EnvironmentAction, Permission, ProjectAction},
};

use super::PROJECTS;
use crate::{
    account::Grants,
    form::{EndpointForm, TextInput},
    pages::workspace::{
        ids::{project_id, workspace_id},
        resource::get::{EndOf, ResourcePage, thing_page},
    },
    paths,
};

/// A project: its environments, a new one, its name, its deletion.
#[component]
pub(crate) fn GetProjectPage() -> impl IntoView {
    let ids = workspace_id().zip(project_id());
    let path = ids.map(|(workspace_id, project_id)| GetProjectPath {
        workspace_id,
        project_id,
    });
    thing_page(PROJECTS, GetProject, path, thing)
}

fn thing(GetProjectResponse { project }: GetProjectResponse, grants: Grants) -> ResourcePage {
    let may = |action| grants.allow(Permission::Project(action));
    let may_add = grants.allow(Permission::Environment(EnvironmentAction::Create));
    let adding = may_add.then(|| view! { <Adding project=project.clone() /> });
    let renaming = may(ProjectAction::Edit).then(|| view! { <Renaming project=project.clone() /> });
    let deleting =
        may(ProjectAction::Delete).then(|| view! { <Deleting project=project.clone() /> });
    ResourcePage {
        title: project.name.to_string(),
        workspace_id: project.workspace_id,
        body: view! {
            <Environments project=project />
            {adding}
            {renaming}
            {deleting}
        }
        .into_any(),
    }
}

#[component]
fn Environments(project: Project) -> impl IntoView {
    let workspace_id = project.workspace_id;
    let row = |(at, environment): (usize, EnvironmentSummary)| {
        let detail = if at == 0 { "Default environment" } else { "" };
        view! {
            <Row
                title=environment.name.to_string()
                href=paths::environment(workspace_id, environment.environment_id)
                detail=detail
            />
        }
    };
    // The default environment comes first.
    let rows = project.environments.into_iter().enumerate().map(row);
    let rows = rows.collect_view();
    view! {
        <Section
            title="Environments"
            lead="Names of deployments, secrets and volumes are unique in an environment."
        >
            <Rows label="Environments">{rows}</Rows>
        </Section>
    }
}

#[component]
fn Adding(project: Project) -> impl IntoView {
    let workspace_id = project.workspace_id;
    view! {
        <Section title="New environment">
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
                        label="Name of the environment"
                        field="name"
                        mono=true
                        placeholder="staging"
                        hint="Unique in the project. Lowercase letters, digits and hyphens."
                    />
                </EndpointForm>
            </Card>
        </Section>
    }
}

#[component]
fn Renaming(project: Project) -> impl IntoView {
    let path = UpdateProjectPath {
        workspace_id: project.workspace_id,
        project_id: project.project_id,
    };
    view! {
        <Section title="Name">
            <Card>
                <EndpointForm
                    endpoint=UpdateProject
                    path=path
                    success=paths::project(project.workspace_id, project.project_id)
                    label="Rename project"
                    busy_label="Renaming…"
                >
                    <TextInput
                        label="Name"
                        field="name"
                        value=project.name.to_string()
                        mono=true
                        hint="Scripts and names such as shop:staging:web use it."
                    />
                </EndpointForm>
            </Card>
        </Section>
    }
}

#[component]
fn Deleting(project: Project) -> impl IntoView {
    let path = DeleteProjectPath {
        workspace_id: project.workspace_id,
        project_id: project.project_id,
    };
    view! {
        <EndOf
            endpoint=DeleteProject
            path=path
            warning=ViewFn::from(|| "Only a project whose environments are empty can be deleted. Its environments are deleted with it.")
            name=project.name.to_string()
            success=paths::projects(project.workspace_id)
            label="Delete this project"
            busy_label="Deleting…"
        />
    }
}
