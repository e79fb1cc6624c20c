//! `/workspace/{workspace_id}/project/{project_id}`: a project.

use components::{
    button::LinkButton,
    icon::Glyph,
    rows::{Row, Rows},
    section::{Card, Section},
};
use leptos::prelude::*;
use models::{
    api::workspace::project::{
        DeleteProject, DeleteProjectPath, GetProject, GetProjectPath, GetProjectResponse,
        UpdateProject, UpdateProjectPath,
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

/// A project: its environments, its name, its deletion.
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
    let renaming = may(ProjectAction::Edit).then(|| view! { <Renaming project=project.clone() /> });
    let deleting =
        may(ProjectAction::Delete).then(|| view! { <Deleting project=project.clone() /> });
    ResourcePage {
        title: project.name.to_string(),
        workspace_id: project.workspace_id,
        body: view! {
            <Environments project=project may_add=may_add />
            {renaming}
            {deleting}
        }
        .into_any(),
    }
}

#[component]
fn Environments(project: Project, may_add: bool) -> impl IntoView {
    let workspace_id = project.workspace_id;
    let add = may_add.then(|| {
        let href = paths::new_environment(workspace_id, project.project_id);
        view! { <LinkButton glyph=Glyph::Plus href=href label="New environment" /> }
    });
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
            <div class="cluster">{add}</div>
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
