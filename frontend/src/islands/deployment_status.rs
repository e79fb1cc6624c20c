//! How a deployment is, in one line.

use components::{changing::changing, status::ObservedStatus};
use leptos::prelude::*;
use models::deployment::Deployment;

use super::{deployment::stream::follow_deployment, handed::Handed};
use crate::live::{Link, LinkNotice};

/// How a deployment is, kept up to date.
#[island]
pub(crate) fn DeploymentStatus(
    /// The deployment.
    deployment: Handed<Deployment>,
) -> impl IntoView {
    let deployment = RwSignal::new(deployment.0);
    let link = follow_deployment(deployment);
    let status = changing(move || {
        if link.get() == Link::Over {
            return view! { <span class="status-age">"deleted"</span> }.into_any();
        }
        status_of(&deployment.read())
    });
    view! {
        <div aria-live="polite">{status}</div>
        <LinkNotice link=link />
    }
}

/// What the runner saw of a deployment.
pub(crate) fn status_of(deployment: &Deployment) -> AnyView {
    view! {
        <ObservedStatus
            observed=deployment.observed.clone()
            desired=deployment.desired
            phase=deployment.release.as_ref().map(|release| release.phase)
        />
    }
    .into_any()
}
