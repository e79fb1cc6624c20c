//! The releases before the newest one.

use components::{
    rows::{Row, Rows},
    section::Section,
    status::{Badge, Status},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    DeploymentId, WorkspaceId,
    actor::ActorKind,
    deployment::{Release, ReleasePhase},
};

use crate::paths;

/// Lists the releases before the newest one.
#[component]
pub(super) fn Releases(
    ids: (WorkspaceId, DeploymentId),
    newest: Option<Release>,
    releases: Vec<Release>,
) -> impl IntoView {
    let is_live = |release: &Release| release.phase == ReleasePhase::Live;
    let mut something_is_live = newest.as_ref().is_some_and(is_live);
    let newest = newest.map_or(0, |release| release.number);
    let rows: Vec<AnyView> = releases
        .iter()
        .filter(|release| release.number < newest)
        .map(|release| {
            let was_live = something_is_live && is_live(release);
            something_is_live |= is_live(release);
            row(ids, release, was_live)
        })
        .collect();
    let list = if rows.is_empty() {
        view! { <p class="soft">"No earlier releases. Each deploy creates one."</p> }.into_any()
    } else {
        view! { <Rows label="Earlier releases">{rows}</Rows> }.into_any()
    };
    view! { <Section title="Earlier releases">{list}</Section> }
}

fn row(ids: (WorkspaceId, DeploymentId), release: &Release, was_live: bool) -> AnyView {
    let status = if was_live {
        Status::was_live()
    } else {
        Status::of_phase(release.phase)
    };
    let at = release.created_at;
    let detail = match &release.failure {
        Some(failure) => failure.message.clone(),
        None if release.created_by.kind == ActorKind::Tag => {
            format!("{}, because its tag moved", release.spec.image)
        }
        None => format!("{} by {}", release.spec.image, release.created_by.name),
    };
    view! {
        <Row
            title=format!("Release {}", release.number)
            href=paths::release(ids.0, ids.1, release.release_id)
            detail=detail
            state=move || view! { <Badge status=status /> }
            end=move || view! { <Moment at=at /> }
        />
    }
    .into_any()
}
