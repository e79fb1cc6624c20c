//! Control of a program that runs in a container.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bollard::{Docker, exec::ResizeExecOptions, query_parameters::EventsOptionsBuilder};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use models::deployment::FailureCode;
use models::exec::TerminalSize;
use runner_common::{ExecControl, ProgramEnd, RunnerError};
use tokio::time::sleep;

use crate::{engine::path_prefix, error};

/// Pause between two requests for the state of an exec.
///
/// The engine answers before the exec has begun, and before it notices the end, so it is asked
/// again.
const MOMENT: Duration = Duration::from_millis(20);
/// Most requests for the state of an exec.
const MOMENTS: usize = 100;
/// Most requests for an out-of-memory event after a kill.
const OOM_MOMENTS: usize = 10;
/// Exit code of a killed program: 128 and the number of `SIGKILL`.
const KILLED: i64 = 137;

/// A program, by its exec id on the engine.
#[derive(Clone, Debug)]
pub(super) struct Control {
    docker: Docker,
    id: String,
    container: String,
    /// Creation time in seconds since 1970, by the engine's clock.
    ///
    /// That clock is this host's.
    since: f64,
}

impl Control {
    pub(super) fn new(docker: Docker, id: String, container: &str) -> Self {
        Self {
            docker,
            id,
            container: container.to_owned(),
            since: now(),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn container(&self) -> &str {
        &self.container
    }

    /// Returns the path prefix of the API version in use.
    pub(super) fn api(&self) -> String {
        path_prefix(&self.docker.client_version())
    }

    /// Sets a terminal's first size.
    ///
    /// Engines before version 23 do not take it with the rest, and refuse it until the program
    /// runs.
    pub(super) async fn begin(&self, size: TerminalSize) {
        for _ in 0..MOMENTS {
            if self.resize(size).await.is_ok()
                || self.ended().await.is_ok_and(|code| code.is_some())
            {
                return;
            }
            sleep(MOMENT).await;
        }
    }

    /// Returns the exit code; `None` before the start and while it runs.
    pub(super) async fn ended(&self) -> Result<Option<i64>, RunnerError> {
        let seen = self.docker.inspect_exec(&self.id).await;
        let seen = seen.map_err(error::silent)?;
        Ok(seen.exit_code.filter(|_| seen.running != Some(true)))
    }

    /// True if the kernel has meanwhile OOM-killed a process in the container.
    ///
    /// The engine reports this of containers, not of programs; one that ended by `SIGKILL`
    /// meanwhile is the killed one, or one of those. The report may come a moment after the
    /// end.
    async fn is_oom_killed(&self) -> Result<bool, RunnerError> {
        for _ in 0..OOM_MOMENTS {
            let filters = HashMap::from([
                ("type", vec!["container"]),
                ("container", vec![self.container.as_str()]),
                ("event", vec!["oom"]),
            ]);
            let options = EventsOptionsBuilder::default()
                .filters(&filters)
                .since(&format!("{:.6}", self.since))
                .until(&format!("{:.6}", now()))
                .build();
            let mut events = self.docker.events(Some(options));
            if let Some(event) = events.next().await {
                event.map_err(error::silent)?;
                return Ok(true);
            }
            sleep(MOMENT).await;
        }
        Ok(false)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the engine's clock is this machine's"
)]
fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0.0, |now| now.as_secs_f64())
}

impl ExecControl for Control {
    fn resize(&self, size: TerminalSize) -> BoxFuture<'_, Result<(), RunnerError>> {
        let options = ResizeExecOptions {
            height: size.rows,
            width: size.columns,
        };
        async move {
            let resized = self.docker.resize_exec(&self.id, options).await;
            resized.map_err(error::refused)
        }
        .boxed()
    }

    fn end(&self) -> BoxFuture<'_, Result<ProgramEnd, RunnerError>> {
        async move {
            for _ in 0..MOMENTS {
                if let Some(code) = self.ended().await? {
                    let oom_killed = code == KILLED && self.is_oom_killed().await?;
                    return Ok(ProgramEnd { code, oom_killed });
                }
                sleep(MOMENT).await;
            }
            Err(RunnerError::platform(
                FailureCode::ExitCodeUnknown,
                "The Docker Engine did not report the exit code of the command.",
            ))
        }
        .boxed()
    }
}
