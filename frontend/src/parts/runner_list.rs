//! A workspace's runners.

use components::{
    button::LinkButton,
    empty::EmptyState,
    format,
    icon::Glyph,
    rows::{Row, Rows},
    status::{Badge, Status},
    time::{Moment, Tells},
};
use leptos::prelude::*;
use models::{WorkspaceId, page::Page, runner::Runner};

use super::runner_about;
use crate::paths;

/// Lists runners.
#[component]
pub(crate) fn RunnerList(
    workspace_id: WorkspaceId,
    page: Page<Runner>,
    /// Whether the person may add one.
    may_create: bool,
    /// Whether the person may remove one.
    may_delete: bool,
    /// Whether the person may give one another token.
    may_edit: bool,
) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <NoRunners workspace_id=workspace_id may_create=may_create /> }.into_any();
    }
    let rows = page
        .items
        .iter()
        .map(|runner| runner_row(workspace_id, runner, may_delete, may_edit))
        .collect_view();
    view! { <Rows label="Runners">{rows}</Rows> }.into_any()
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
            sentence="A runner is a program on one of your machines: it connects to Berth and runs what you deploy."
        >
            {first}
        </EmptyState>
    }
}

fn runner_row(
    workspace_id: WorkspaceId,
    runner: &Runner,
    may_delete: bool,
    may_edit: bool,
) -> AnyView {
    let status = Status::of_runner(runner.connected, runner.seen_at.is_some());
    let (words, tells) = if runner.connected {
        ("for ", Tells::Since)
    } else {
        ("last heard ", Tells::Age)
    };
    let deployments = format::count(runner.deployments, "deployment");
    let seen_at = runner.seen_at;
    let removal = paths::runner_removal(workspace_id, runner.runner_id);
    let removal = may_delete.then(|| (removal, format!("Remove {}", runner.name), "Remove"));
    let token = paths::runner_token(workspace_id, runner.runner_id);
    let token = may_edit.then(|| (token, format!("New token for {}", runner.name), "New token"));
    let links: Vec<_> = token.into_iter().chain(removal).collect();
    view! {
        <Row
            title=runner.name.to_string()
            href=paths::runner(workspace_id, runner.runner_id)
            detail=runner_about::in_a_line(runner)
            state=move || {
                view! {
                    <span class="status-line">
                        <Badge status=status />
                        {seen_at
                            .map(|at| {
                                view! {
                                    <span class="status-age">
                                        {words} <Moment at=at tells=tells />
                                    </span>
                                }
                            })}
                        <span class="status-age">{deployments.clone()}</span>
                    </span>
                }
            }
            end=move || {
                links
                    .clone()
                    .into_iter()
                    .map(|(href, label, word)| {
                        view! {
                            <a class="button button-quiet" href=href aria-label=label>
                                {word}
                            </a>
                        }
                    })
                    .collect_view()
            }
        />
    }
    .into_any()
}
