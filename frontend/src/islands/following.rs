//! Lists that stay up to date.

use std::time::Duration;

use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::workspace::{StreamWorkspace, StreamWorkspacePath},
    endpoint::Empty,
};

use crate::live::{
    Link, Next, follow,
    message::{self, Kind, WorkspaceMessage},
};

/// Changes come in bursts; one reading answers all of this long.
const BURST: Duration = Duration::from_millis(150);

/// Reads again whenever something in the workspace changed.
pub(crate) fn follow_workspace(
    workspace_id: WorkspaceId,
    on_deployment: impl Fn() + 'static,
    on_runner: impl Fn() + 'static,
) -> ReadSignal<Link> {
    let on_deployment = soon(on_deployment);
    let on_runner = soon(on_runner);
    follow::<StreamWorkspace>(
        StreamWorkspacePath { workspace_id },
        || Empty {},
        move |text| {
            match message::read(text).map(|WorkspaceMessage { kind }| kind) {
                Some(Kind::Resync) => {
                    on_deployment();
                    on_runner();
                }
                Some(Kind::DeploymentChanged) => on_deployment(),
                Some(Kind::RunnerChanged) => on_runner(),
                _ => {}
            }
            Next::Listen
        },
    )
}

/// The same function, called once for all calls within a burst.
fn soon(run: impl Fn() + 'static) -> impl Fn() {
    let run = std::rc::Rc::new(run);
    let waiting = std::rc::Rc::new(std::cell::Cell::new(false));
    move || {
        if waiting.replace(true) {
            return;
        }
        let (run, waiting) = (run.clone(), waiting.clone());
        set_timeout(
            move || {
                waiting.set(false);
                run();
            },
            BURST,
        );
    }
}
