//! What can be done with a program that runs in a container.

use std::time::Duration;

use bollard::{Docker, exec::ResizeExecOptions};
use futures::{FutureExt, future::BoxFuture};
use models::exec::TerminalSize;
use runner_common::{ExecControl, RunnerError};
use tokio::time::sleep;

use crate::{engine::path_prefix, error};

/// The engine answers before it has begun, and before it knows that all has ended. It is asked
/// again after this long …
const MOMENT: Duration = Duration::from_millis(20);
/// … and so many times.
const MOMENTS: usize = 100;

/// A program by the engine's name for it.
#[derive(Clone, Debug)]
pub(super) struct Control {
    docker: Docker,
    id: String,
}

impl Control {
    pub(super) const fn new(docker: Docker, id: String) -> Self {
        Self { docker, id }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The beginning of paths in the version of the API that is spoken.
    pub(super) fn api(&self) -> String {
        path_prefix(&self.docker.client_version())
    }

    /// Gives a terminal its first size. Engines before version 23 do not take it with the rest,
    /// and refuse it until the program runs.
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

    /// Its exit code; none while it runs or was not started yet.
    pub(super) async fn ended(&self) -> Result<Option<i64>, RunnerError> {
        let seen = self.docker.inspect_exec(&self.id).await;
        let seen = seen.map_err(error::silent)?;
        Ok(seen.exit_code.filter(|_| seen.running != Some(true)))
    }
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

    fn exit_code(&self) -> BoxFuture<'_, Result<i64, RunnerError>> {
        async move {
            for _ in 0..MOMENTS {
                if let Some(code) = self.ended().await? {
                    return Ok(code);
                }
                sleep(MOMENT).await;
            }
            Err(RunnerError::platform(
                "exit_code_unknown",
                "The Docker Engine does not say how the command ended.",
            ))
        }
        .boxed()
    }
}
