//! A deployment: how it is, how it came so, and what can be done.

mod actions;
mod instances;
mod release;
mod releases;
pub(crate) mod stream;

use components::{
    alert::Alert,
    changing::changing,
    page::PageHeader,
    status::Tone,
    tabs::{Tab, Tabs},
};
use leptos::prelude::*;
use models::deployment::{Deployment, DesiredState, Release};

use super::{deployment_status::status_of, handed::Handed};
use crate::{
    form::Posted,
    live::{Link, LinkNotice},
    paths,
};
use actions::{Actions, Consequence};
use instances::Instances;
use release::newest_release;
use releases::Releases;
use stream::follow_deployment;

/// Everything about a deployment, kept up to date.
#[island]
pub(crate) fn DeploymentOverview(
    /// The deployment.
    deployment: Handed<Deployment>,
    /// Its releases, the newest first.
    releases: Handed<Vec<Release>>,
    /// Whether the person may change it.
    may_edit: bool,
    /// The pages about it.
    tabs: Handed<Vec<Tab>>,
    /// What became of a form.
    posted: Handed<Posted>,
) -> impl IntoView {
    provide_context(posted.0);
    let Handed(deployment) = deployment;
    let name = deployment.name.to_string();
    let deployments = paths::deployments(deployment.workspace_id);
    let above = ("Deployments".to_owned(), deployments.clone());
    let deployment = RwSignal::new(deployment);
    let link = follow_deployment(deployment);
    let status = move || {
        let status = changing(move || status_of(&deployment.read()));
        view! { <div aria-live="polite">{status}</div> }
    };
    let going = changing(move || going(link.get(), deployment.read().desired, &deployments));
    let release = changing(move || deployment.read().release.clone().map(newest_release));
    view! {
        <PageHeader
            title=name.clone()
            above=above
            aside=status
            actions=move || view! { <Actions deployment=deployment may_edit=may_edit /> }
        />
        <Tabs label=format!("Pages of {name}") tabs=tabs.0 />
        {going}
        {may_edit.then(|| view! { <Consequence deployment=deployment /> })}
        {release}
        <div class="columns">
            <Instances deployment=deployment />
            <Releases deployment=deployment releases=releases.0 />
        </div>
        <LinkNotice link=link />
    }
}

/// Says that the deployment is on its way out, or gone.
fn going(link: Link, desired: DesiredState, deployments: &str) -> AnyView {
    if link == Link::Over {
        let deployments = deployments.to_owned();
        return view! {
            <Alert tone=Tone::Neutral title="This deployment was deleted" urgent=true>
                <a href=deployments>"Back to the deployments"</a>
            </Alert>
        }
        .into_any();
    }
    if desired != DesiredState::Deleted {
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
