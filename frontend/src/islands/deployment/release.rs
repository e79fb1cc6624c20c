//! The newest release, on its way or at its end.

use components::{
    section::{Card, Section},
    status::{Badge, Status},
    time::Moment,
    timeline::{ReleaseTimeline, failure::FailureNotice},
};
use leptos::prelude::*;
use models::deployment::{Deployment, Release, ReleaseReason};

/// The newest release, if there is one.
#[component]
pub(super) fn NewestRelease(deployment: RwSignal<Deployment>) -> impl IntoView {
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
