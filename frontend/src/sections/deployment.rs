//! A deployment: its state, its history and its actions.

mod actions;
mod image;
mod instances;
mod lost_volume;
mod release;
mod releases;
mod run;
mod scale;
mod tag;

use components::{
    alert::Alert,
    last_error::LastErrorNotice,
    page::PageHeader,
    status::{ObservedStatus, Tone},
    tabs::{Tab, Tabs},
};
use leptos::prelude::*;
use models::{
    deployment::{Deployment, DesiredState, Freshness, Release, ScalingChange},
    machine_type::MachineType,
};

pub(crate) use actions::CancelButton;
use actions::{Actions, Consequence};
use image::{FromImage, UnmountedVolumes};
use instances::Instances;
use lost_volume::LostVolume;
pub(crate) use release::ReleaseSection;
use releases::Releases;
pub(crate) use run::{Attempts, RunRow, RunSection};
use scale::ScalingChanges;

/// All sections about a deployment.
#[component]
pub(crate) fn DeploymentOverview(
    deployment: Deployment,
    /// Its releases, the newest first.
    releases: Vec<Release>,
    /// Changes of the instance count, newest first.
    scaling: Vec<ScalingChange>,
    /// The machine types offered.
    machine_types: Vec<MachineType>,
    /// True if the person may edit the deployment.
    may_edit: bool,
    /// The tabs of the deployment.
    tabs: Vec<Tab>,
    /// The list that it is in: name and address.
    above: (String, String),
) -> impl IntoView {
    let name = deployment.name.to_string();
    let (of_status, of_actions) = (deployment.clone(), deployment.clone());
    let going =
        (deployment.desired == DesiredState::Deleted).then(|| view! { <DeletionInProgress /> });
    let consequence = may_edit.then(|| view! { <Consequence deployment=deployment.clone() /> });
    let stale = deployment.observed.freshness == Freshness::Stale;
    let error = deployment.observed.error.clone();
    let error = error.map(|error| view! { <LastErrorNotice error=error stale=stale /> });
    let ids = (deployment.workspace_id, deployment.deployment_id);
    let release = deployment.release.clone().map(|release| {
        let release_id = release.release_id;
        let cancels = may_edit && !release.phase.is_terminal();
        let cancel =
            move || cancels.then(|| view! { <CancelButton ids=ids release_id=release_id /> });
        view! { <ReleaseSection release=release actions=cancel /> }
    });
    view! {
        <PageHeader
            title=name.clone()
            above=above
            aside=move || view! { <DeploymentStatus deployment=of_status.clone() /> }
            actions=move || view! { <Actions deployment=of_actions.clone() may_edit=may_edit /> }
        />
        <Tabs label=format!("Pages of {name}") tabs=tabs />
        {going}
        {error}
        <LostVolume deployment=deployment.clone() />
        {consequence}
        {release}
        <UnmountedVolumes deployment=deployment.clone() may_edit=may_edit />
        <div class="columns">
            <div class="stack">
                <Instances deployment=deployment.clone() machine_types=machine_types />
                <FromImage deployment=deployment.clone() />
            </div>
            <div class="stack">
                <Releases ids=ids newest=deployment.release releases=releases />
                <ScalingChanges changes=scaling />
            </div>
        </div>
    }
}

/// The observed state of a deployment.
#[component]
pub(crate) fn DeploymentStatus(deployment: Deployment) -> impl IntoView {
    view! {
        <div aria-live="polite">
            <ObservedStatus
                observed=deployment.observed
                desired=deployment.desired
                phase=deployment.release.map(|release| release.phase)
            />
        </div>
    }
}

/// The notice that the deployment is being deleted.
#[component]
fn DeletionInProgress() -> impl IntoView {
    view! {
        <Alert tone=Tone::Busy title="This deployment is being deleted">
            <p>
                "It disappears once its runner has removed everything. If the runner is disconnected, that happens after it reconnects."
            </p>
        </Alert>
    }
}
