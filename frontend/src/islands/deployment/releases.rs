//! The releases before the newest one.

use components::{
    changing::changing,
    rows::{Row, Rows},
    section::Section,
    status::{Badge, Status},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    api::workspace::deployment::{ListReleases, ListReleasesPath},
    deployment::{Deployment, Release, ReleasePhase},
    page::Page,
};

use crate::{
    client::use_client,
    live::{first_page, reload},
};

/// Lists the releases before the newest one.
#[component]
pub(super) fn Releases(deployment: RwSignal<Deployment>, releases: Vec<Release>) -> impl IntoView {
    let path = {
        let deployment = deployment.read_untracked();
        ListReleasesPath {
            workspace_id: deployment.workspace_id,
            deployment_id: deployment.deployment_id,
        }
    };
    let page = RwSignal::new(Page {
        items: releases,
        next_cursor: None,
        total: 0,
    });
    let newest = Memo::new(move |_| deployment.read().release.as_ref().map_or(0, |r| r.number));
    let newest_is_live = Memo::new(move |_| {
        let deployment = deployment.read();
        deployment
            .release
            .as_ref()
            .is_some_and(|r| r.phase == ReleasePhase::Live)
    });
    let client = use_client();
    Effect::new(move |before: Option<i64>| {
        let newest = newest.get();
        // What was newest until now has its end in the list.
        if before.is_some_and(|before| before != newest) {
            reload::<ListReleases>(client.clone(), path.clone(), first_page(), page);
        }
        newest
    });
    let rows = changing(move || {
        let mut something_is_live = newest_is_live.get();
        let rows: Vec<AnyView> = page
            .read()
            .items
            .iter()
            .filter(|release| release.number < newest.get())
            .map(|release| {
                let was_live = something_is_live && release.phase == ReleasePhase::Live;
                something_is_live |= release.phase == ReleasePhase::Live;
                row(release, was_live)
            })
            .collect();
        if rows.is_empty() {
            view! { <p class="soft">"There is none. Each deploy makes one."</p> }.into_any()
        } else {
            view! { <Rows label="Earlier releases">{rows}</Rows> }.into_any()
        }
    });
    view! { <Section title="Earlier releases">{rows}</Section> }
}

fn row(release: &Release, was_live: bool) -> AnyView {
    let status = if was_live {
        Status::was_live()
    } else {
        Status::of_phase(release.phase)
    };
    let at = release.created_at;
    let detail = match &release.failure {
        Some(failure) => failure.message.clone(),
        None => format!("{} by {}", release.spec.image, release.created_by),
    };
    view! {
        <Row
            title=format!("Release {}", release.number)
            detail=detail
            state=move || view! { <Badge status=status /> }
            end=move || view! { <Moment at=at /> }
        />
    }
    .into_any()
}
