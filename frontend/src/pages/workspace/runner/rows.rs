//! Runners as rows of a list.

use components::{
    format,
    rows::{Row, Rows},
    status::{Badge, Status},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    RunnerId, WorkspaceId,
    rbac::{Permission, RunnerAction},
    runner::Runner,
};

use crate::{account::Allowed, paths};

/// Runners with how they are.
#[component]
pub(crate) fn RunnerRows(
    workspace_id: WorkspaceId,
    #[prop(into)] runners: Signal<Vec<Runner>>,
) -> impl IntoView {
    view! {
        <Rows label="Runners">
            {move || {
                runners
                    .get()
                    .into_iter()
                    .map(|runner| runner_row(workspace_id, &runner))
                    .collect_view()
            }}
        </Rows>
    }
}

/// The address that asks whether to remove a runner.
pub(super) fn removal(workspace_id: WorkspaceId, runner_id: RunnerId) -> String {
    format!("{}?remove={runner_id}", paths::runners(workspace_id))
}

fn runner_row(workspace_id: WorkspaceId, runner: &Runner) -> AnyView {
    let status = Status::of_runner(runner.connected, runner.seen_at.is_some());
    // A runner that is connected is there now; an age would only make people wonder.
    let heard_at = runner.seen_at.filter(|_| !runner.connected);
    let deployments = format::count(runner.deployments, "deployment");
    let removal = removal(workspace_id, runner.runner_id);
    let label = format!("Remove {}", runner.name);
    view! {
        <Row
            title=runner.name.to_string()
            detail=about(runner)
            state=move || {
                view! {
                    <span class="status-line">
                        <Badge status=status />
                        {heard_at
                            .map(|at| {
                                view! {
                                    <span class="status-age">"last heard " <Moment at=at /></span>
                                }
                            })}
                        <span class="status-age">{deployments.clone()}</span>
                    </span>
                }
            }
            end=move || {
                let (removal, label) = (removal.clone(), label.clone());
                view! {
                    <Allowed permission=Permission::Runner(
                        RunnerAction::Delete,
                    )>
                        <a class="button button-quiet" href=removal.clone() aria-label=label.clone()>
                            "Remove"
                        </a>
                    </Allowed>
                }
            }
        />
    }
    .into_any()
}

/// What the runner said of itself.
fn about(runner: &Runner) -> String {
    match &runner.about {
        Some(about) => format!(
            "{} {} on {} ({} {}, {}, {})",
            about.kind,
            about.platform_version,
            about.host_name,
            about.os,
            about.arch,
            format::count(i64::from(about.cpus), "processor"),
            format::bytes(about.memory_bytes),
        ),
        None => "It has not connected yet.".to_owned(),
    }
}
