//! Execs: choosing the instance, finding its link, explaining failures.

use std::time::Duration;

use models::{
    DeploymentId, InstanceId, RunnerId, WorkspaceId,
    ansi::plain_lines,
    api::workspace::deployment::{
        DEFAULT_COMMAND_MS, MAX_COMMAND_OUTPUT_BYTES, RunCommandRequest, RunCommandResponse,
    },
    deployment::{Failure, FailureCode, Instance, InstanceState},
    error::{ApiError, ErrorCode},
    exec::TerminalSize,
    value::Argument,
};
use tokio::time::timeout;

use super::untrusted_text;
use crate::{
    app::App,
    audit::AuditTrail,
    error::AppError,
    links::{Exec, ExecEnd, ExecEvent, ExecRequest, ExecUnavailable},
    services, store,
};

/// Length limit of a runner's messages; longer ones are cut.
const MAX_MESSAGE: usize = 500;

/// A program to run in an instance of a deployment.
#[derive(Debug)]
pub struct CommandRequest {
    /// The workspace.
    pub workspace_id: WorkspaceId,
    /// The deployment, which must belong to the workspace.
    pub deployment_id: DeploymentId,
    /// The instance, which must belong to the deployment; if absent, a running one.
    pub instance_id: Option<InstanceId>,
    /// The program and its arguments.
    pub command: Vec<Argument>,
    /// Terminal size, if the program gets a terminal.
    pub terminal: Option<TerminalSize>,
}

/// Starts a program; returns its instance and the exec.
///
/// # Errors
/// `not_found` when workspace, deployment and instance do not belong together, and the reasons
/// why the runner cannot be asked.
pub async fn open(app: &App, request: CommandRequest) -> Result<(InstanceId, Exec), AppError> {
    let deployment =
        services::deployment::get(app, request.workspace_id, request.deployment_id).await?;
    let deployment = deployment.redacted();
    let instances = deployment.observed.instances.iter();
    let instance = match request.instance_id {
        Some(id) => {
            let named = instances
                .into_iter()
                .find(|instance| instance.instance_id == id);
            Some(named.ok_or(ErrorCode::NotFound)?)
        }
        None => instances.max_by_key(|instance| readiness(instance)),
    };
    if !app.links.is_connected(deployment.runner_id) {
        return Err(no_link(app, request.workspace_id, deployment.runner_id).await?);
    }
    let instance_id = instance
        .filter(|instance| readiness(instance) > 0)
        .ok_or(ErrorCode::InstanceNotRunning)?
        .instance_id;
    let asked = app.links.exec(
        deployment.runner_id,
        ExecRequest {
            deployment_id: request.deployment_id,
            instance_id,
            command: request.command,
            terminal: request.terminal,
        },
    );
    match asked.await {
        Ok(exec) => Ok((instance_id, exec)),
        Err(ExecUnavailable::Busy) => Err(ErrorCode::ServiceUnavailable.into()),
        Err(ExecUnavailable::NoLink) => Err(ErrorCode::RunnerAway.into()),
    }
}

/// Runs a command until it ends or its time is up.
///
/// # Errors
/// Errors of [`open`], and `command_refused`.
pub async fn run(
    app: &App,
    trail: &AuditTrail,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    request: RunCommandRequest,
) -> Result<RunCommandResponse, AppError> {
    let limit = request.limit_ms.unwrap_or(DEFAULT_COMMAND_MS);
    let request = CommandRequest {
        workspace_id,
        deployment_id,
        instance_id: request.instance_id,
        command: request.command,
        terminal: None,
    };
    let (instance_id, exec) = open(app, request).await?;
    // A command whose caller disconnects has run all the same and is recorded here. Otherwise
    // the request is recorded as usual.
    let unfinished = trail.record_on_drop("deployment.command");
    let mut printed = Vec::new();
    let mut truncated = false;
    let ending = async {
        loop {
            match exec.next().await {
                ExecEvent::Output(output) => {
                    let room = MAX_COMMAND_OUTPUT_BYTES - printed.len();
                    truncated |= output.len() > room;
                    printed.extend(output.iter().take(room));
                    // Output beyond the limit is acknowledged too, so that the command can end.
                    exec.grant_output(u32::try_from(output.len()).unwrap_or(u32::MAX))
                        .await;
                }
                ExecEvent::End(end) => return end,
            }
        }
    };
    let end = match timeout(Duration::from_millis(limit.into()), ending).await {
        Err(_) => None,
        Ok(ExecEnd::Exited { code, oom_killed }) => Some((code, oom_killed)),
        Ok(end) => return Err(lost(end)),
    };
    let oom_killed = end.is_some_and(|(_, oom_killed)| oom_killed);
    let memory_limit_mib = if oom_killed {
        memory_limit(app, workspace_id, deployment_id).await?
    } else {
        None
    };
    unfinished.disarm();
    Ok(RunCommandResponse {
        instance_id,
        code: end.map(|(code, _)| code),
        oom_killed,
        memory_limit_mib,
        output: plain_lines(&String::from_utf8_lossy(&printed)).into_owned(),
        truncated,
    })
}

/// Returns the memory limit of a live instance, in MiB.
async fn memory_limit(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Option<u32>, AppError> {
    let deployment = store::deployment::find(&app.db, workspace_id, deployment_id).await?;
    let live = deployment.live_spec();
    Ok(live.and_then(|live| live.resources.memory_mib))
}

/// Returns the error for a program that did not end by itself.
pub fn lost(end: ExecEnd) -> AppError {
    match end {
        ExecEnd::Exited { .. } | ExecEnd::LinkLost => ErrorCode::RunnerAway.into(),
        ExecEnd::Refused(failure) => match failure.code {
            FailureCode::InstanceNotRunning => ErrorCode::InstanceNotRunning.into(),
            FailureCode::TooManyExecs => ErrorCode::ServiceUnavailable.into(),
            _ => refused(&failure),
        },
    }
}

fn refused(failure: &Failure) -> AppError {
    let message = untrusted_text::sanitize_lines(&failure.message, MAX_MESSAGE);
    ApiError::new(ErrorCode::CommandRefused)
        .with_message(message)
        .into()
}

/// Returns the reason why this server has no link to the runner.
async fn no_link(
    app: &App,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
) -> Result<AppError, AppError> {
    let now = app.clock.now();
    let runner = store::runner::find(&app.db, workspace_id, runner_id, now).await?;
    Ok(match runner {
        Some(runner) if runner.connected => ErrorCode::RunnerElsewhere.into(),
        _ => ErrorCode::RunnerAway.into(),
    })
}

/// Ranks an instance for running a program; zero means unsuitable.
const fn readiness(instance: &Instance) -> u8 {
    match instance.state {
        InstanceState::Running => 3,
        InstanceState::Unhealthy => 2,
        InstanceState::Starting | InstanceState::Stopping => 1,
        InstanceState::Pending
        | InstanceState::Pulling
        | InstanceState::Restarting
        | InstanceState::Exited { .. }
        | InstanceState::CrashLoop { .. } => 0,
    }
}
