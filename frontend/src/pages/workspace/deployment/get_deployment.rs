//! `/workspace/{workspace_id}/deployment/{deployment_id}`: a deployment's overview.

use leptos::prelude::*;
use models::{
    api::{
        machine_type::{ListMachineTypes, ListMachineTypesResponse},
        workspace::deployment::{
            GetDeployment, GetDeploymentPath, ListReleases, ListReleasesPath, ListScalingChanges,
            ListScalingChangesPath, StreamDeployment, StreamDeploymentPath,
        },
    },
    deployment::{Deployment, Release, ScalingChange},
    endpoint::Empty,
    page::{Page, PageQuery},
    rbac::{DeploymentAction, Permission},
};

use super::tabs::{DeploymentPage, DeploymentTab};
use crate::{
    account::Grants,
    api_call::ApiCall,
    load::{Loaded, first_page, load, load_if_possible},
    paths,
    region::Region,
    sections::{deployment::DeploymentOverview, environment_switch::list_of},
};

/// Number of changes of the instance count that are shown.
const SHOWN_CHANGES: u16 = 10;

/// The data of the overview besides the deployment.
type Data = (
    Page<Release>,
    Page<ScalingChange>,
    Option<ListMachineTypesResponse>,
);

/// A deployment: its state, its history and its actions.
#[component]
pub(crate) fn GetDeploymentPage() -> impl IntoView {
    view! { <DeploymentPage tab=DeploymentTab::Overview body=overview /> }
}

fn overview(deployment: Deployment, grants: Grants) -> AnyView {
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
    let path = ListScalingChangesPath {
        workspace_id,
        deployment_id,
    };
    let few = PageQuery {
        limit: Some(SHOWN_CHANGES),
        cursor: None,
    };
    let scaling = load::<ListScalingChanges>(Some(path), few);
    let types = load_if_possible::<ListMachineTypes>(Some(Empty {}), Empty {});
    let stream = StreamDeploymentPath {
        workspace_id,
        deployment_id,
    };
    let may_edit = grants.allow(Permission::Deployment(DeploymentAction::Edit));
    let view = move |(releases, scaling, types): Data, _| {
        let path = stream.clone();
        let deployment = deployment.clone();
        let types = types.map(|answer| answer.machine_types);
        view! {
            <Region stream=StreamDeployment path=path gone=paths::deployments(workspace_id)>
                <DeploymentOverview
                    tabs=DeploymentTab::Overview.tabs(&deployment, grants)
                    above=list_of(&deployment, grants)
                    deployment=deployment
                    releases=releases.items
                    scaling=scaling.items
                    machine_types=types.unwrap_or_default()
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
        <Loaded loading=(releases, scaling, types) view=view />
        <ApiCall endpoint=GetDeployment path=path query=Empty {} />
    }
    .into_any()
}
