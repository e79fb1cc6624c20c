//! `/workspace/{workspace_id}/deployment/{deployment_id}`

use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        GetDeployment, GetDeploymentPath, ListReleases, ListReleasesPath, StreamDeployment,
        StreamDeploymentPath,
    },
    deployment::{Deployment, Release},
    endpoint::Empty,
    page::Page,
    rbac::{DeploymentAction, Permission},
};

use super::place::{DeploymentPage, Place};
use crate::{
    account::Rights,
    api_call::ApiCall,
    load::{Loaded, first_page, load},
    parts::deployment::DeploymentOverview,
    paths,
    region::Region,
};

/// A deployment: how it is, how it came so, and what can be done.
#[component]
pub(crate) fn GetDeploymentPage() -> impl IntoView {
    view! { <DeploymentPage place=Place::Overview body=overview /> }
}

fn overview(deployment: Deployment, rights: Rights) -> AnyView {
    let Deployment {
        workspace_id,
        deployment_id,
        ..
    } = deployment;
    let path = ListReleasesPath {
        workspace_id,
        deployment_id,
    };
    let releases = load::<ListReleases>(Some(path), first_page());
    let stream = StreamDeploymentPath {
        workspace_id,
        deployment_id,
    };
    let may_edit = rights.allow(Permission::Deployment(DeploymentAction::Edit));
    let view = move |releases: Page<Release>, _| {
        let path = stream.clone();
        let deployment = deployment.clone();
        view! {
            <Region stream=StreamDeployment path=path gone=paths::deployments(workspace_id)>
                <DeploymentOverview
                    tabs=Place::Overview.tabs(&deployment, rights)
                    deployment=deployment
                    releases=releases.items
                    may_edit=may_edit
                />
            </Region>
        }
        .into_any()
    };
    let path = GetDeploymentPath {
        workspace_id,
        deployment_id,
    };
    view! {
        <Loaded loading=releases view=view />
        <ApiCall endpoint=GetDeployment path=path query=Empty {} />
    }
    .into_any()
}
