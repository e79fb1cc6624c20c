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
    account::Rights,
    load::{Loaded, load},
    pages::workspace::ids::{deployment_id, workspace_id},
    parts::deployment::DeploymentStatus,
    paths,
    region::Region,
};

/// The pages of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Metrics,
    Logs,
    Release,
    Terminal,
    Settings,
}

impl Place {
    /// Returns the tabs for a deployment's pages.
    pub(super) fn tabs(self, deployment: &Deployment, rights: Rights) -> Vec<Tab> {
        let (workspace, id) = (deployment.workspace_id, deployment.deployment_id);
        let may_exec = rights.allow(Permission::Deployment(DeploymentAction::Exec));
        [
            ("Overview", paths::deployment(workspace, id), Self::Overview),
            ("Metrics", paths::metrics(workspace, id), Self::Metrics),
            ("Logs", paths::logs(workspace, id), Self::Logs),
            ("Terminal", paths::terminal(workspace, id), Self::Terminal),
            ("Settings", paths::settings(workspace, id), Self::Settings),
        ]
        .into_iter()
        .filter(|(_, _, place)| *place != Self::Terminal || may_exec)
        .map(|(name, href, place)| Tab {
            name: name.to_owned(),
            href,
            is_current: self == place,
        })
        .collect()
    }

    fn title(self, deployment: &Deployment) -> String {
        match self {
            Self::Overview | Self::Release => deployment.name.to_string(),
            Self::Metrics => format!("{} metrics", deployment.name),
            Self::Logs => format!("{} logs", deployment.name),
            Self::Terminal => format!("{} terminal", deployment.name),
            Self::Settings => format!("{} settings", deployment.name),
        }
    }
}

/// A page of the deployment in the address.
#[component]
pub(super) fn DeploymentPage(
    place: Place,
    /// Renders the page's content.
    body: fn(Deployment, Rights) -> AnyView,
) -> impl IntoView {
    let path = workspace_id()
        .zip(deployment_id())
        .map(|(workspace_id, deployment_id)| GetDeploymentPath {
            workspace_id,
            deployment_id,
        });
    let deployment = load::<GetDeployment>(path, Empty {});
    let view = move |GetDeploymentResponse { deployment }, rights| {
        let title = place.title(&deployment);
        view! {
            <Title text=title />
            <div class="page">{body(deployment, rights)}</div>
        }
        .into_any()
    };
    view! { <Loaded loading=deployment view=view /> }
}

/// The header of a page that is not live as a whole.
#[component]
pub(super) fn DeploymentHeader(
    place: Place,
    deployment: Deployment,
    rights: Rights,
) -> impl IntoView {
    let above = (
        "Deployments".to_owned(),
        paths::deployments(deployment.workspace_id),
    );
    let name = deployment.name.to_string();
    let tabs = place.tabs(&deployment, rights);
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
