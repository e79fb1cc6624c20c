//! A deployment: how it is, how it came so, and what can be done.

mod actions;
mod instances;
mod release;
mod releases;
pub(crate) mod stream;

use components::{
    alert::Alert,
    page::PageHeader,
    status::{ObservedStatus, Tone},
    tabs::{Tab, Tabs},
};
use leptos::prelude::*;
use models::deployment::{Deployment, DesiredState, Release};

use crate::{
    form::Posted,
    live::{Link, LinkNotice},
    paths,
};
use actions::{Actions, Consequence};
use instances::Instances;
use release::NewestRelease;
use releases::Releases;
use stream::follow_deployment;

/// Everything about a deployment, kept up to date.
#[island]
pub(crate) fn DeploymentOverview(
    /// The deployment.
    deployment: Deployment,
    /// Its releases, the newest first.
    releases: Vec<Release>,
    /// Whether the person may change it.
    may_edit: bool,
    /// The pages about it.
    tabs: Vec<Tab>,
    /// What became of a form.
    posted: Posted,
) -> impl IntoView {
    provide_context(posted);
    let name = deployment.name.to_string();
    let deployments = paths::deployments(deployment.workspace_id);
    let above = ("Deployments".to_owned(), deployments.clone());
    let deployment = RwSignal::new(deployment);
    let link = follow_deployment(deployment);
    let observed = Signal::derive(move || deployment.read().observed.clone());
    let desired = Signal::derive(move || deployment.read().desired);
    let phase = Signal::derive(move || deployment.read().release.as_ref().map(|r| r.phase));
    let status = move || {
        view! {
            <div aria-live="polite">
                <ObservedStatus observed=observed desired=desired phase=phase />
            </div>
        }
    };
    view! {
        <PageHeader
            title=name.clone()
            above=above
            aside=status
            actions=move || view! { <Actions deployment=deployment may_edit=may_edit /> }
        />
        <Tabs label=format!("Pages of {name}") tabs=tabs />
        <Going link=link desired=desired deployments=deployments />
        {may_edit.then(|| view! { <Consequence deployment=deployment /> })}
        <NewestRelease deployment=deployment />
        <div class="columns">
            <Instances deployment=deployment />
            <Releases deployment=deployment releases=releases />
        </div>
        <LinkNotice link=link />
    }
}

/// Says that the deployment is on its way out, or gone.
#[component]
fn Going(
    link: ReadSignal<Link>,
    desired: Signal<DesiredState>,
    deployments: String,
) -> impl IntoView {
    move || {
        if link.get() == Link::Over {
            let deployments = deployments.clone();
            return view! {
                <Alert tone=Tone::Neutral title="This deployment was deleted" urgent=true>
                    <a href=deployments>"Back to the deployments"</a>
                </Alert>
            }
            .into_any();
        }
        if desired.get() != DesiredState::Deleted {
            return ().into_any();
        }
        view! {
            <Alert tone=Tone::Busy title="This deployment is being deleted">
                <p>
                    "It disappears once its runner has removed everything. If the runner is away, that is when it is back."
                </p>
            </Alert>
        }
        .into_any()
    }
}
