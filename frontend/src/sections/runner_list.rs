//! A workspace's runners.

use components::{
    button::LinkButton,
    empty::EmptyState,
    format,
    icon::Glyph,
    rows::{Row, Rows},
    status::{Badge, Status},
    time::{Moment, TimeFormat},
};
use leptos::prelude::*;
use models::{WorkspaceId, page::Page, runner::Runner};

use super::runner_summary;
use crate::{
    paging::{Pages, Paging},
    paths,
};

/// Lists runners.
#[component]
pub(crate) fn RunnerList(
    workspace_id: WorkspaceId,
    paging: Paging,
    page: Page<Runner>,
    /// True if the person may add a runner.
    may_create: bool,
) -> impl IntoView {
    if page.total == 0 {
        return view! { <NoRunners workspace_id=workspace_id may_create=may_create /> }.into_any();
    }
    let rows = page
        .items
        .iter()
        .map(|runner| runner_row(workspace_id, runner))
        .collect_view();
    view! {
        <Rows label="Runners">{rows}</Rows>
        <Pages paging=paging next=page.next_cursor total=page.total />
    }
    .into_any()
}

#[component]
fn NoRunners(workspace_id: WorkspaceId, may_create: bool) -> impl IntoView {
    let first = may_create.then(|| {
        let href = paths::new_runner(workspace_id);
        view! { <LinkButton href=href label="Add a runner" /> }
    });
    view! {
        <EmptyState
            glyph=Glyph::Runner
            title="No runners yet"
            sentence="A runner is a program on one of your hosts. It connects to Berth and runs what you deploy."
        >
            {first}
        </EmptyState>
    }
}

fn runner_row(workspace_id: WorkspaceId, runner: &Runner) -> AnyView {
    let status = Status::of_runner(runner.connected, runner.seen_at.is_some());
    let (words, format) = if runner.connected {
        ("for ", TimeFormat::Since)
    } else {
        ("last seen ", TimeFormat::Age)
    };
    let deployments = format::count(runner.deployments, "deployment");
    let seen_at = runner.seen_at;
    view! {
        <Row
            title=runner.name.to_string()
            href=paths::runner(workspace_id, runner.runner_id)
            detail=runner_summary::summary_line(runner)
            state=move || {
                view! {
                    <span class="status-line">
                        <Badge status=status />
                        {seen_at
                            .map(|at| {
                                view! {
                                    <span class="status-age">
                                        {words} <Moment at=at format=format />
                                    </span>
                                }
                            })}
                        <span class="status-age">{deployments.clone()}</span>
                    </span>
                }
            }
        />
    }
    .into_any()
}
