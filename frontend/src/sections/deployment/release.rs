//! A release, in progress or ended.

use components::{
    alert::Alert,
    section::{Card, Section},
    status::{Badge, Status, Tone},
    time::Moment,
    timeline::{ReleaseTimeline, failure::FailureNotice},
};
use leptos::prelude::*;
use models::deployment::{CopyReason, ImageSource, Release, ReleaseReason};

/// A release: its phase, its failure, its origin.
#[component]
pub(crate) fn ReleaseSection(
    release: Release,
    /// The actions on the release.
    #[prop(optional, into)]
    actions: ViewFn,
) -> impl IntoView {
    let status = Status::of_phase(release.phase);
    let origin = origin(&release);
    let copy = release
        .image_source
        .and_then(|source| copy(&release, source));
    view! {
        <Section
            title=format!("Release {}", release.number)
            actions=move || view! { <Badge status=status /> {actions.run()} }
        >
            <Card>
                <div aria-live="polite">
                    <ReleaseTimeline release=release.clone() />
                </div>
                <FailureNotice release=release.clone() />
                {copy}
                <p class="soft">{origin}</p>
            </Card>
        </Section>
    }
}

/// Explains that the host's copy of the image is used; `None` for the registry's.
fn copy(release: &Release, source: ImageSource) -> Option<AnyView> {
    let why = source.fallback()?;
    let ImageSource::Host { because, built_at } = source else {
        return None;
    };
    if release.spec.image.is_local() && because == CopyReason::NotAsked {
        let built = built_at.map(|at| view! { " " <Moment at=at /> });
        return Some(
            view! { <p class="soft">"Image built on the runner's host" {built} "."</p> }.into_any(),
        );
    }
    let built = built_at.map(|at| view! { ", built " <Moment at=at /> });
    let words = view! { {format!("Image {why}, using the copy on the runner's host")} {built} "." };
    let is_perhaps_old = matches!(because, CopyReason::NoAnswer | CopyReason::Limited);
    Some(if is_perhaps_old {
        view! {
            <Alert tone=Tone::Warn title="The image may be outdated">
                <p>{words}</p>
            </Alert>
        }
        .into_any()
    } else {
        view! { <p class="soft">{words}</p> }.into_any()
    })
}

/// Describes the image, the actor and the cause of a release.
fn origin(release: &Release) -> AnyView {
    let why = match release.reason {
        ReleaseReason::Created => "created with the deployment by",
        ReleaseReason::Deployed => "deployed by",
        ReleaseReason::Updated => "settings changed by",
        ReleaseReason::Restarted => "restarted by",
        ReleaseReason::RolledBack => "rolled back by",
        ReleaseReason::TagMoved => return tag_moved(release),
    };
    let repeats = release
        .repeats
        .map(|number| format!(", same as release {number}"));
    let image = release.spec.image.to_string();
    let by = release.created_by.name.to_string();
    let at = release.created_at;
    view! {
        <code>{image}</code>
        ", "
        {why}
        " "
        {by}
        ", "
        <Moment at=at />
        {repeats}
    }
    .into_any()
}

/// Describes the tag that moved, and its new digest.
fn tag_moved(release: &Release) -> AnyView {
    let image = release.spec.image.to_string();
    let tag = release.spec.image.tag().unwrap_or_default().to_owned();
    let digest = release.image_digest.as_ref().map(ToString::to_string);
    let at = release.created_at;
    view! {
        <code>{image}</code>
        ", deployed because the tag "
        <code>{tag}</code>
        " moved to "
        <code>{digest}</code>
        ", "
        <Moment at=at />
    }
    .into_any()
}
