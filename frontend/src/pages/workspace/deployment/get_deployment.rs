//! `/workspace/{workspace_id}/deployment/{deployment_id}`

mod actions;
mod instances;
mod releases;

use components::{
    section::{Card, Section},
    status::{Badge, Status},
    time::Moment,
    timeline::{ReleaseTimeline, failure::FailureNotice},
};
use leptos::prelude::*;
use models::{
    api::workspace::deployment::{GetDeployment, GetDeploymentPath},
    deployment::{Deployment, Release, ReleaseReason},
    endpoint::Empty,
    rbac::{DeploymentAction, Permission},
};

use super::header::{DeploymentPage, Place};
use crate::{account::Allowed, api_call::ApiCall};
use actions::{Actions, Consequence};
use instances::Instances;
use releases::Releases;

/// A deployment: how it is, how it came so, and what can be done.
#[component]
pub(crate) fn GetDeploymentPage() -> impl IntoView {
    let actions =
        Callback::new(|deployment| view! { <Actions deployment=deployment /> }.into_any());
    view! {
        <DeploymentPage
            place=Place::Overview
            actions=actions
            body=|deployment| view! { <Overview deployment=deployment /> }.into_any()
        />
    }
}

#[component]
fn Overview(deployment: RwSignal<Deployment>) -> impl IntoView {
    let Deployment {
        workspace_id,
        deployment_id,
        ..
    } = deployment.get_untracked();
    let path = GetDeploymentPath {
        workspace_id,
        deployment_id,
    };
    view! {
        <Allowed permission=Permission::Deployment(DeploymentAction::Edit)>
            <Consequence deployment=deployment />
        </Allowed>
        <NewestRelease deployment=deployment />
        <div class="columns">
            <Instances deployment=deployment />
            <Releases deployment=deployment />
        </div>
        <ApiCall endpoint=GetDeployment path=path query=Empty {} />
    }
}

#[component]
fn NewestRelease(deployment: RwSignal<Deployment>) -> impl IntoView {
    let number = Memo::new(move |_| deployment.read().release.as_ref().map(|r| r.number));
    move || {
        let number = number.get()?;
        let first = deployment.get_untracked().release?;
        // The number is a memo: as long as it stays, so do the elements below.
        let release =
            Signal::derive(move || deployment.read().release.clone().unwrap_or(first.clone()));
        let status = Signal::derive(move || Status::of_phase(release.read().phase));
        Some(view! {
            <Section title=format!("Release {number}") actions=move || view! { <Badge status=status /> }>
                <Card>
                    <div aria-live="polite">
                        <ReleaseTimeline release=release />
                    </div>
                    <FailureNotice release=release />
                    <p class="soft">{move || origin(&release.get())}</p>
                </Card>
            </Section>
        })
    }
}

/// Which image, who and why.
fn origin(release: &Release) -> impl IntoView + use<> {
    let why = match release.reason {
        ReleaseReason::Created => "made with the deployment by",
        ReleaseReason::Deployed => "deployed by",
        ReleaseReason::Updated => "made by a change of settings by",
    };
    let image = release.spec.image.to_string();
    let by = release.created_by.to_string();
    let at = release.created_at;
    view! {
        <code>{image}</code>
        ", "
        {why}
        " "
        {by}
        ", "
        <Moment at=at />
    }
}
