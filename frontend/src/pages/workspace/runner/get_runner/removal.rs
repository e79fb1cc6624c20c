//! Token rotation and removal of a runner.

use components::{
    button::{ButtonKind, LinkButton},
    format,
    section::{Card, Section},
};
use leptos::prelude::*;
use models::{
    api::workspace::runner::{DeleteRunner, DeleteRunnerPath, GetRunnerPath},
    runner::Runner,
};

use crate::{form::EndpointForm, paths};

/// The link to a new token.
#[component]
pub(super) fn Token(path: GetRunnerPath) -> impl IntoView {
    let href = paths::runner_token(path.workspace_id, path.runner_id);
    view! {
        <Section
            title="Token"
            lead="The runner authenticates with this token. If someone else might have it, create a new one. The old token stops working immediately."
        >
            <div class="cluster">
                <LinkButton href=href label="New token" />
            </div>
        </Section>
    }
}

/// The removal of a runner, and its effect on the runner's contents.
#[component]
pub(super) fn Removal(runner: Runner) -> impl IntoView {
    let workspace_id = runner.workspace_id;
    let body = if let Some(contents) = contents(&runner) {
        view! {
            <p>
                {format!(
                    "This runner cannot be removed while it has {contents}: its apps would keep running with nothing to stop them, and its data would be out of reach. Delete them first. A deleted volume is purged when its time in the trash is over.",
                )}
            </p>
        }
        .into_any()
    } else {
        let path = DeleteRunnerPath {
            workspace_id,
            runner_id: runner.runner_id,
        };
        view! {
            <p>
                "Its token stops working and the runner is disconnected immediately. It has no deployments and no volumes, so nothing stops and no data is lost."
            </p>
            <EndpointForm
                endpoint=DeleteRunner
                path=path
                success=paths::runners(workspace_id)
                kind=ButtonKind::Danger
                label="Remove this runner"
                busy_label="Removing…"
            />
        }
        .into_any()
    };
    view! {
        <Section title="Remove">
            <Card danger=true>{body}</Card>
        </Section>
    }
}

/// Describes the contents that keep a runner from being removed.
fn contents(runner: &Runner) -> Option<String> {
    let counted = |number: i64, noun| (number > 0).then(|| format::count(number, noun));
    let deployments = counted(runner.deployments, "deployment");
    let volumes = counted(runner.volumes, "volume");
    match (deployments, volumes) {
        (Some(deployments), Some(volumes)) => Some(format!("{deployments} and {volumes}")),
        (one, other) => one.or(other),
    }
}
