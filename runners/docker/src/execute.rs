//! Programs that are run inside a container.

use std::time::Duration;

use bollard::{
    Docker,
    exec::{CreateExecOptions, StartExecResults},
};
use futures::TryStreamExt;
use models::value::Argument;
use runner_common::{Executed, RunnerError};
use tokio::time::timeout;

use crate::error;

/// Runs a program inside a container and waits for its end.
///
/// The engine cannot end one that takes too long: it is left to itself, and goes with its
/// container at the latest.
///
/// # Errors
/// When there is no such program, it takes too long, or the engine does not answer.
pub(crate) async fn execute(
    docker: &Docker,
    container: &str,
    command: &[Argument],
    limit: Duration,
) -> Result<Executed, RunnerError> {
    let options = CreateExecOptions {
        cmd: Some(command.iter().map(ToString::to_string).collect()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..CreateExecOptions::default()
    };
    let created = docker.create_exec(container, options).await;
    let id = created.map_err(error::refused)?.id;
    let mut executed = Executed {
        code: 0,
        output: Vec::new(),
    };
    let running = async {
        let started = docker.start_exec(&id, None).await;
        let started = started.map_err(error::not_started)?;
        if let StartExecResults::Attached { mut output, .. } = started {
            while let Some(printed) = output.try_next().await.map_err(error::silent)? {
                executed.print(&printed.into_bytes());
            }
        }
        Ok(())
    };
    timeout(limit, running).await.unwrap_or_else(|_| {
        Err(RunnerError::user(
            "command_timeout",
            format!("The command did not end within {} ms.", limit.as_millis()),
        ))
    })?;
    let ended = docker.inspect_exec(&id).await.map_err(error::silent)?;
    executed.code = ended.exit_code.unwrap_or(0);
    Ok(executed)
}
