//! `/workspace/{workspace_id}/deployment`: the list of deployments.

use components::{
    button::{ButtonKind, LinkButton},
    icon::Glyph,
    page::PageHeader,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    EnvironmentId,
    api::workspace::{
        ListTrends, ListTrendsPath, ListTrendsResponse, StreamWorkspace, StreamWorkspacePath,
        deployment::{ListDeployments, ListDeploymentsPath},
    },
    deployment::DeploymentSummary,
    endpoint::Empty,
    page::{EnvironmentPageQuery, Page},
    rbac::{DeploymentAction, Permission},
};

use crate::{
    account::Grants,
    api_call::ApiCall,
    load::{Loaded, load, load_if_possible},
    pages::workspace::{ids::workspace_id, resource::list::ListQuery},
    paging::Paging,
    paths,
    region::Region,
    sections::{
        deployment_list::DeploymentList,
        environment_switch::{
            EnvironmentSwitch, Environments, environment_in_address, load_environments,
        },
    },
};

/// Lists a workspace's deployments.
#[component]
pub(crate) fn ListDeploymentsPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| ListDeploymentsPath { workspace_id });
    let list = path
        .as_ref()
        .map(|path| paths::deployments(path.workspace_id));
    let environment = environment_in_address();
    let paging = Paging::of(paths::within(&list.unwrap_or_default(), environment));
    let query = <EnvironmentPageQuery as ListQuery>::new(paging.query(), environment);
    let deployments = load::<ListDeployments>(path.clone(), query);
    let environments = load_environments(workspace_id());
    let of_workspace = |path: &ListDeploymentsPath| ListTrendsPath {
        workspace_id: path.workspace_id,
    };
    // The charts are optional: the list is complete without them.
    let trends = load_if_possible::<ListTrends>(path.as_ref().map(of_workspace), Empty {});
    let view = move |(page, trends, environments), grants| {
        let paging = paging.clone();
        path.clone()
            .map(|path| {
                view! {
                    <Deployments
                        path=path
                        paging=paging
                        environment=environment
                        environments=environments
                        page=page
                        trends=trends
                        grants=grants
                    />
                }
            })
            .into_any()
    };
    view! {
        <Title text="Deployments" />
        <Loaded loading=(deployments, trends, environments) view=view />
    }
}

#[component]
fn Deployments(
    path: ListDeploymentsPath,
    paging: Paging,
    environment: Option<EnvironmentId>,
    environments: Environments,
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
                    href=paths::within(&paths::new_deployment(workspace_id), environment)
                    label="New deployment"
                />
            }
        })
    };
    let query = <EnvironmentPageQuery as ListQuery>::new(paging.query(), environment);
    let several = grants.show_environments() && environment.is_none();
    view! {
        <div class="page">
            <PageHeader title="Deployments" actions=create />
            <EnvironmentSwitch
                page=paths::deployments(workspace_id)
                environments=environments
                current=environment
                all=true
            />
            <Region stream=StreamWorkspace path=StreamWorkspacePath { workspace_id }>
                <DeploymentList
                    workspace_id=workspace_id
                    paging=paging
                    page=page
                    trends=trends
                    several=several
                    may_create=may_create
                />
            </Region>
            <ApiCall endpoint=ListDeployments path=path query=query />
        </div>
    }
}
