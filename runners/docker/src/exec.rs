//! Programs that run inside a container.

pub(crate) mod abandoned;
mod control;
mod terminal;
mod terminal_input;

use std::path::Path;

use bollard::{Docker, errors::Error, exec::StartExecResults, models::ExecConfig};
use futures::TryStreamExt;
use models::deployment::FailureCode;
use models::exec::TerminalSize;
use runner_common::{Exec, ExecSession, RunnerError};
use tokio::io::sink;

use self::{abandoned::Abandoned, control::Control};
use crate::{diagnose, engine::Engine, error};

/// Runs a program inside a container.
///
/// The engine cannot end an exec, and does not end it when its client disconnects. The best
/// effort: a dropped terminal is sent the keys that interrupt and that end its input, for ten
/// seconds, which ends shells and most programs in them. A program that ignores them, one
/// without a terminal, and all of them when the runner's process dies, run on; they go with
/// their container at the latest. A container with too many such commands gets no more.
///
/// # Errors
/// When the engine refuses or does not answer, or there is no such program for a terminal.
/// Without a terminal the engine says so in its output, with exit code 126 or 127.
pub(crate) async fn exec(
    engine: &Engine,
    (socket, abandoned): (&Path, &Abandoned),
    container: &str,
    exec: Exec,
) -> Result<ExecSession, RunnerError> {
    let docker = &engine.docker;
    let has_terminal = exec.terminal.is_some();
    if !has_terminal {
        abandoned.check(docker, container).await?;
    }
    if let (true, Some(program)) = (has_terminal, exec.command.first()) {
        diagnose::check_terminal(engine, container, program.as_str()).await?;
    }
    let config = ExecConfig {
        cmd: Some(exec.command.iter().map(ToString::to_string).collect()),
        attach_stdin: Some(has_terminal),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        tty: Some(has_terminal),
        console_size: exec.terminal.map(console_size),
        env: has_terminal.then(|| vec!["TERM=xterm-256color".to_owned()]),
        ..ExecConfig::default()
    };
    let created = docker.create_exec(container, config).await;
    let id = created.map_err(error::refused)?.id;
    let control = Control::new(docker.clone(), id, container);
    match exec.terminal {
        Some(size) => {
            let (input, output) = terminal::start(socket, control.clone()).await?;
            control.begin(size).await;
            Ok(ExecSession {
                input: Box::pin(input),
                output: Box::pin(output),
                control: Box::new(control),
            })
        }
        None => plain(docker, abandoned, control).await,
    }
}

/// Runs a program without a terminal; the engine tells its two streams apart.
async fn plain(
    docker: &Docker,
    abandoned: &Abandoned,
    control: Control,
) -> Result<ExecSession, RunnerError> {
    // Before the start: the caller may leave while the engine answers.
    let command = abandoned.follow(control.container(), control.id());
    let started = docker.start_exec(control.id(), None).await;
    let StartExecResults::Attached { output, .. } = started.map_err(not_run)? else {
        let message = "The Docker Engine returned no output. Try again.";
        return Err(RunnerError::platform(FailureCode::DockerRefused, message));
    };
    let output = output
        .map_ok(|printed| printed.into_bytes().to_vec())
        .map_err(error::silent);
    Ok(ExecSession {
        input: Box::pin(sink()),
        output: Box::pin(command.with(output)),
        control: Box::new(control),
    })
}

/// The error of a program that did not run. The engine's status shows a caller's mistake.
fn not_run(failed: Error) -> RunnerError {
    if error::has_status(&failed, 400) {
        let message = "The program cannot be run in this instance. Check its name and path.";
        return RunnerError::user(FailureCode::CommandNotRunnable, message).with_source(failed);
    }
    error::refused(failed)
}

/// Returns the size in the engine's order: lines first.
fn console_size(size: TerminalSize) -> Vec<usize> {
    vec![size.rows.into(), size.columns.into()]
}
