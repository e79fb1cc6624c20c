//! Statuses, timelines, notices and logs.

use components::{
    alert::Alert,
    last_error::LastErrorNotice,
    log::{LogBuffer, LogView},
    status::{Badge, ObservedStatus, Status, Tone},
    timeline::{ReleaseTimeline, failure::FailureNotice},
};
use leptos::prelude::*;
use models::deployment::{DesiredState, ReleasePhase};

use super::{Part, samples};

const SUMMARIES: [&str; 8] = [
    "unknown",
    "stopped",
    "starting",
    "running",
    "unhealthy",
    "stopping",
    "crashed",
    "crash_loop",
];

const RELEASES: [&[&str]; 6] = [
    &["queued"],
    &["queued", "pulling"],
    &["queued", "pulling", "starting", "verifying"],
    &[
        "queued",
        "pulling",
        "starting",
        "verifying",
        "switching",
        "live",
    ],
    &["queued", "pulling", "starting", "verifying", "failed"],
    &["queued", "pulling", "superseded"],
];

#[component]
pub(super) fn States() -> impl IntoView {
    view! {
        <Part title="Observed, live">
            <div class="cluster">{observed("live")}</div>
        </Part>
        <Part title="Observed, the runner is disconnected">
            <div class="stack-tight">{observed("stale")}</div>
        </Part>
        <Part title="Release phases">
            <div class="cluster">
                {ReleasePhase::ALL
                    .iter()
                    .map(|phase| view! { <Badge status=Status::of_phase(*phase) /> })
                    .collect_view()}
            </div>
        </Part>
        <Part title="Runners">
            <div class="cluster">
                <Badge status=Status::of_runner(true, true) />
                <Badge status=Status::of_runner(false, true) />
                <Badge status=Status::of_runner(false, false) />
            </div>
        </Part>
        <Part title="Timelines">
            {RELEASES
                .iter()
                .filter_map(|phases| samples::release(phases))
                .map(|release| {
                    view! {
                        <div class="card">
                            <ReleaseTimeline release=release.clone() />
                            <FailureNotice release=release />
                        </div>
                    }
                })
                .collect_view()}
        </Part>
        <Part title="Notices">
            {Tone::ALL
                .iter()
                .map(|tone| {
                    view! {
                        <Alert tone=*tone title="What happened, in a few words">
                            <p>"What to do next, in a sentence or two."</p>
                        </Alert>
                    }
                })
                .collect_view()}
        </Part>
        <Part title="Last errors">
            {[("user", false), ("platform", true)]
                .into_iter()
                .filter_map(|(fault, stale)| Some((samples::last_error(fault)?, stale)))
                .map(|(error, stale)| view! { <LastErrorNotice error=error stale=stale /> })
                .collect_view()}
        </Part>
        <Part title="Log">
            <LogView lines=RwSignal::new(LogBuffer::new(samples::log_lines())) empty="" />
        </Part>
        <Part title="Log without lines">
            <LogView
                lines=RwSignal::new(LogBuffer::default())
                empty="No output yet."
            />
        </Part>
    }
}

fn observed(freshness: &str) -> impl IntoView + use<> {
    SUMMARIES
        .iter()
        .filter_map(|summary| samples::observed(summary, freshness))
        .map(|observed| {
            view! { <ObservedStatus observed=observed desired=DesiredState::Running phase=None /> }
        })
        .collect_view()
}
