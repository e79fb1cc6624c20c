//! The newest release, on its way or at its end.

use components::{
    section::{Card, Section},
    status::{Badge, Status},
    time::Moment,
    timeline::{ReleaseTimeline, failure::FailureNotice},
};
use leptos::prelude::*;
use models::deployment::{Release, ReleaseReason};

/// The newest release: how far it is, why it failed, where it comes from.
#[component]
pub(super) fn NewestRelease(release: Release) -> impl IntoView {
    let status = Status::of_phase(release.phase);
    let origin = origin(&release);
    view! {
        <Section
            title=format!("Release {}", release.number)
            actions=move || view! { <Badge status=status /> }
        >
            <Card>
                <div aria-live="polite">
                    <ReleaseTimeline release=release.clone() />
                </div>
                <FailureNotice release=release.clone() />
                <p class="soft">{origin}</p>
            </Card>
        </Section>
    }
}

/// Which image, who and why.
fn origin(release: &Release) -> AnyView {
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
    .into_any()
}
