//! How a deployment is, in one line.

use components::status::ObservedStatus;
use leptos::prelude::*;
use models::deployment::Deployment;

use super::deployment::stream::follow_deployment;
use crate::live::{Link, LinkNotice};

/// How a deployment is, kept up to date.
#[island]
pub(crate) fn DeploymentStatus(
    /// The deployment.
    deployment: Deployment,
) -> impl IntoView {
    let deployment = RwSignal::new(deployment);
    let link = follow_deployment(deployment);
    let observed = Signal::derive(move || deployment.read().observed.clone());
    let desired = Signal::derive(move || deployment.read().desired);
    let phase = Signal::derive(move || deployment.read().release.as_ref().map(|r| r.phase));
    view! {
        <div aria-live="polite">
            {move || {
                if link.get() == Link::Over {
                    view! { <span class="status-age">"deleted"</span> }.into_any()
                } else {
                    view! { <ObservedStatus observed=observed desired=desired phase=phase /> }
                        .into_any()
                }
            }}
        </div>
        <LinkNotice link=link />
    }
}
