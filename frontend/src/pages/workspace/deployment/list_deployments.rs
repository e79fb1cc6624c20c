//! `/workspace/{workspace_id}/deployment`: the list of deployments.

use components::{
    button::{ButtonKind, LinkButton},
    icon::Glyph,
    page::PageHeader,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::{
        ListTrends, ListTrendsPath, ListTrendsResponse, StreamWorkspace, StreamWorkspacePath,
        deployment::{ListDeployments, ListDeploymentsPath},
    },
    deployment::DeploymentSummary,
    endpoint::Empty,
    page::Page,
    rbac::{DeploymentAction, Permission},
};

use crate::{
    account::Grants,
    api_call::ApiCall,
    load::{Loaded, load, load_if_possible},
    pages::workspace::ids::workspace_id,
    paging::Paging,
    paths,
    region::Region,
    sections::deployment_list::DeploymentList,
};

/// Lists a workspace's deployments.
#[component]
pub(crate) fn ListDeploymentsPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| ListDeploymentsPath { workspace_id });
    let list = path
        .as_ref()
        .map(|path| paths::deployments(path.workspace_id));
    let paging = Paging::of(list.unwrap_or_default());
    let deployments = load::<ListDeployments>(path.clone(), paging.query());
    let of_workspace = |path: &ListDeploymentsPath| ListTrendsPath {
        workspace_id: path.workspace_id,
    };
    // The charts are optional: the list is complete without them.
    let trends = load_if_possible::<ListTrends>(path.as_ref().map(of_workspace), Empty {});
    let view = move |(page, trends), grants| {
        let paging = paging.clone();
        path.clone()
            .map(|path| {
                view! {
                    <Deployments path=path paging=paging page=page trends=trends grants=grants />
                }
            })
            .into_any()
    };
    view! {
        <Title text="Deployments" />
        <Loaded loading=(deployments, trends) view=view />
    }
}

#[component]
fn Deployments(
    path: ListDeploymentsPath,
    paging: Paging,
    page: Page<DeploymentSummary>,
    trends: Option<ListTrendsResponse>,
    grants: Grants,
) -> impl IntoView {
    let workspace_id = path.workspace_id;
    let may_create = grants.allow(Permission::Deployment(DeploymentAction::Create));
    let create = move || {
        may_create.then(|| {
            view! {
                <LinkButton
                    kind=ButtonKind::Primary
                    glyph=Glyph::Plus
                    href=paths::new_deployment(workspace_id)
                    label="New deployment"
                />
            }
        })
    };
    let query = paging.query();
    view! {
        <div class="page">
            <PageHeader title="Deployments" actions=create />
            <Region stream=StreamWorkspace path=StreamWorkspacePath { workspace_id }>
                <DeploymentList
                    workspace_id=workspace_id
                    paging=paging
                    page=page
                    trends=trends
                    may_create=may_create
                />
            </Region>
            <ApiCall endpoint=ListDeployments path=path query=query />
        </div>
    }
}
