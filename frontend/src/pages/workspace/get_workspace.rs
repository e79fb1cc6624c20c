//! `/workspace/{workspace_id}`: a workspace's first page.

use components::{
    button::{ButtonKind, LinkButton},
    icon::Glyph,
    page::PageHeader,
    section::{Card, Section},
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::{
        StreamWorkspace, StreamWorkspacePath,
        deployment::{ListDeployments, ListDeploymentsPath},
        runner::{ListRunners, ListRunnersPath},
    },
    deployment::DeploymentSummary,
    page::Page,
    rbac::{DeploymentAction, Permission},
    runner::Runner,
};

use super::{deployment::CreateDeploymentForm, ids::workspace_id};
use crate::{
    account::Grants,
    load::{Loaded, first_page, load},
    paths,
    region::Region,
    sections::{home::Home, shared_host::SharedHostAlert},
};

/// A workspace's first page: its contents, and anything that needs attention.
#[component]
pub(crate) fn GetWorkspacePage() -> impl IntoView {
    let id = workspace_id();
    let path = id.map(|workspace_id| ListDeploymentsPath { workspace_id });
    let deployments = load::<ListDeployments>(path, first_page().into());
    let path = id.map(|workspace_id| ListRunnersPath { workspace_id });
    let runners = load::<ListRunners>(path, first_page());
    let view = move |(deployments, runners), grants| {
        id.map(|id| {
            view! {
                <Overview
                    workspace_id=id
                    deployments=deployments
                    runners=runners
                    grants=grants
                />
            }
        })
        .into_any()
    };
    view! {
        <Title text="Home" />
        <Loaded loading=(deployments, runners) view=view />
    }
}

#[component]
fn Overview(
    workspace_id: WorkspaceId,
    deployments: Page<DeploymentSummary>,
    runners: Page<Runner>,
    grants: Grants,
) -> impl IntoView {
    let may_create = grants.allow(Permission::Deployment(DeploymentAction::Create));
    let is_empty = deployments.items.is_empty();
    let create = move || {
        (may_create && !is_empty).then(|| {
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
    let (known, warned) = (runners.items.clone(), runners.items.clone());
    let first = is_empty.then(|| {
        let several = grants.show_environments();
        view! {
            <FirstDeployment
                workspace_id=workspace_id
                runners=known
                several=several
                may_create=may_create
            />
        }
    });
    view! {
        <div class="page">
            <PageHeader title="Home" actions=create />
            <Region stream=StreamWorkspace path=StreamWorkspacePath { workspace_id }>
                <SharedHostAlert runners=warned grants=grants />
                <Home
                    workspace_id=workspace_id
                    deployments=deployments
                    runners=runners
                    several=grants.show_environments()
                />
            </Region>
            {first}
        </div>
    }
}

/// The first step in an empty workspace, with a working example filled in.
#[component]
fn FirstDeployment(
    workspace_id: WorkspaceId,
    runners: Vec<Runner>,
    /// True if the environment must be chosen first.
    several: bool,
    may_create: bool,
) -> impl IntoView {
    if may_create && several {
        let href = paths::new_deployment(workspace_id);
        return view! {
            <LinkButton kind=ButtonKind::Primary glyph=Glyph::Plus href=href label="New deployment" />
        }
        .into_any();
    }
    if !may_create {
        return view! {
            <p class="soft">
                "No deployments yet. Workspace owners can create one."
            </p>
        }
        .into_any();
    }
    view! {
        <Section
            title="Deploy your first app"
            lead="A small example that serves HTTP and writes logs. Change anything, or deploy it as is."
        >
            <div class="page-narrow">
                <Card>
                    <CreateDeploymentForm workspace_id=workspace_id runners=runners />
                </Card>
            </div>
        </Section>
    }
    .into_any()
}
