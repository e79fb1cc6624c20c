//! Elements shared by all pages of a deployment.

use components::{
    page::PageHeader,
    tabs::{Tab, Tabs},
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::deployment::{
        GetDeployment, GetDeploymentPath, GetDeploymentResponse, StreamDeployment,
        StreamDeploymentPath,
    },
    deployment::Deployment,
    endpoint::Empty,
    rbac::{DeploymentAction, Permission},
};

use crate::{
    account::Grants,
    load::{Loaded, load},
    pages::workspace::ids::{deployment_id, workspace_id},
    paths,
    region::Region,
    sections::{deployment::DeploymentStatus, environment_switch::list_of},
};

/// The pages of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeploymentTab {
    Overview,
    Metrics,
    Logs,
    Release,
    Runs,
    Run,
    Terminal,
    Settings,
}

impl DeploymentTab {
    /// Returns the tabs for a deployment's pages.
    pub(super) fn tabs(self, deployment: &Deployment, grants: Grants) -> Vec<Tab> {
        let (workspace, id) = (deployment.workspace_id, deployment.deployment_id);
        let may_exec = grants.allow(Permission::Deployment(DeploymentAction::Exec));
        [
            ("Overview", paths::deployment(workspace, id), Self::Overview),
            ("Metrics", paths::metrics(workspace, id), Self::Metrics),
            ("Logs", paths::logs(workspace, id), Self::Logs),
            ("Runs", paths::runs(workspace, id), Self::Runs),
            ("Terminal", paths::terminal(workspace, id), Self::Terminal),
            ("Settings", paths::settings(workspace, id), Self::Settings),
        ]
        .into_iter()
        .filter(|(_, _, tab)| *tab != Self::Terminal || may_exec)
        .map(|(name, href, tab)| Tab {
            name: name.to_owned(),
            href,
            is_current: self == tab,
        })
        .collect()
    }

    fn title(self, deployment: &Deployment) -> String {
        match self {
            Self::Overview | Self::Release | Self::Run => deployment.name.to_string(),
            Self::Metrics => format!("{} metrics", deployment.name),
            Self::Logs => format!("{} logs", deployment.name),
            Self::Runs => format!("{} runs", deployment.name),
            Self::Terminal => format!("{} terminal", deployment.name),
            Self::Settings => format!("{} settings", deployment.name),
        }
    }
}

/// A page of the deployment in the address.
#[component]
pub(super) fn DeploymentPage(
    tab: DeploymentTab,
    /// Renders the page's content.
    body: fn(Deployment, Grants) -> AnyView,
) -> impl IntoView {
    let path = workspace_id()
        .zip(deployment_id())
        .map(|(workspace_id, deployment_id)| GetDeploymentPath {
            workspace_id,
            deployment_id,
        });
    let deployment = load::<GetDeployment>(path, Empty {});
    let view = move |GetDeploymentResponse { deployment }, grants| {
        let title = tab.title(&deployment);
        view! {
            <Title text=title />
            <div class="page">{body(deployment, grants)}</div>
        }
        .into_any()
    };
    view! { <Loaded loading=deployment view=view /> }
}

/// The header of a page that is not live as a whole.
#[component]
pub(super) fn DeploymentHeader(
    tab: DeploymentTab,
    deployment: Deployment,
    grants: Grants,
) -> impl IntoView {
    let above = list_of(&deployment, grants);
    let name = deployment.name.to_string();
    let tabs = tab.tabs(&deployment, grants);
    let status = move || {
        let deployment = deployment.clone();
        let path = StreamDeploymentPath {
            workspace_id: deployment.workspace_id,
            deployment_id: deployment.deployment_id,
        };
        let gone = paths::deployments(deployment.workspace_id);
        view! {
            <Region stream=StreamDeployment path=path gone=gone id="status">
                <DeploymentStatus deployment=deployment />
            </Region>
        }
    };
    view! {
        <PageHeader title=name.clone() above=above aside=status />
        <Tabs label=format!("Pages of {name}") tabs=tabs />
    }
}
