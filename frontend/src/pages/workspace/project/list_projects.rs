//! `/workspace/{workspace_id}/project`: the list of projects.

use components::{
    icon::Glyph,
    rows::{Row, Rows},
};
use leptos::prelude::*;
use models::{
    api::workspace::project::{ListProjects, ListProjectsPath},
    project::Project,
};

use super::PROJECTS;
use crate::{
    pages::workspace::resource::list::{ResourceList, list_page},
    paths,
};

/// Lists a workspace's projects.
#[component]
pub(crate) fn ListProjectsPage() -> impl IntoView {
    list_page(ResourceList {
        kind: PROJECTS,
        endpoint: ListProjects,
        path: |workspace_id| ListProjectsPath { workspace_id },
        glyph: Glyph::Deployment,
        none: "No projects yet",
        sentence: "A project groups environments, such as production and staging. Deployments, secrets and volumes belong to one environment.",
        rows,
    })
}

fn rows(projects: &[Project], _: bool) -> AnyView {
    let rows = projects.iter().map(row).collect::<Vec<_>>();
    view! { <Rows label="Projects">{rows}</Rows> }.into_any()
}

fn row(project: &Project) -> AnyView {
    let environments = project.environments.iter();
    let names: Vec<_> = environments
        .map(|environment| environment.name.as_str())
        .collect();
    let default = project.is_default.then_some("default");
    view! {
        <Row
            title=project.name.to_string()
            href=paths::project(project.workspace_id, project.project_id)
            detail=names.join(", ")
            end=move || view! { <span class="soft">{default}</span> }
        />
    }
    .into_any()
}
