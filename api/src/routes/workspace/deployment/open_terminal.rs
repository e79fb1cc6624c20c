//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/instance/{instance_id}/terminal`

use garde::Validate;
use models::{
    api::workspace::deployment::{
        OpenTerminal, OpenTerminalClientMessage as ClientMessage,
        OpenTerminalServerMessage as ServerMessage,
    },
    error::{ApiError, ErrorCode},
    exec::{Credit, TerminalSize},
    value::{Argument, Base64},
};
use tokio::time::{Instant, sleep_until};

use crate::{
    error::AppError,
    http::{Closed, Socket, StreamCtx},
    links::{Exec, ExecEnd, ExecEvent},
    services::{self, exec::CommandRequest},
};

/// Program to run if the query names none.
const SHELL: &str = "/bin/sh";

/// Connects a terminal to a program until either side ends it.
pub async fn open_terminal(
    ctx: StreamCtx<OpenTerminal>,
    mut socket: Socket<OpenTerminal>,
) -> Result<(), Closed> {
    let permit = {
        let max = ctx.app.config.terminals.max_per_person;
        ctx.app.features.terminals.try_open(ctx.actor.user_id, max)
    };
    let last = match permit {
        Some(_) => serve(&ctx, &mut socket).await?,
        None => refused(&ErrorCode::TooManyTerminals.into()),
    };
    // The terminal is over: the close handshake must not occupy a permit.
    drop(permit);
    socket.send(&last).await?;
    socket.close().await;
    Ok(())
}

/// Serves a terminal until it ends; returns the last message for the page.
async fn serve(
    ctx: &StreamCtx<OpenTerminal>,
    socket: &mut Socket<OpenTerminal>,
) -> Result<ServerMessage, Closed> {
    let exec = match open(ctx).await {
        Ok(exec) => exec,
        Err(error) => return Ok(refused(&error)),
    };
    // Recorded however it ends: by either side, or because the permission is gone.
    let _closed = ctx.trail.record_on_drop("terminal.close");
    ctx.trail.record("terminal.open").await;
    Ok(match carry(ctx, &exec, socket).await? {
        Ended::Exec(ExecEnd::Exited { code, oom_killed }) => {
            ServerMessage::Exited { code, oom_killed }
        }
        Ended::Exec(end) => refused(services::exec::lost(end).answer()),
        Ended::Idle => refused(&ErrorCode::TerminalIdle.into()),
    })
}

enum Ended {
    Exec(ExecEnd),
    Idle,
}

async fn open(ctx: &StreamCtx<OpenTerminal>) -> Result<Exec, ApiError> {
    let mut command = ctx.query.command.clone();
    if command.is_empty() {
        command.push(Argument::trusted(SHELL));
    }
    let usual = TerminalSize::default();
    let request = CommandRequest {
        workspace_id: ctx.path.workspace_id,
        deployment_id: ctx.path.deployment_id,
        instance_id: Some(ctx.path.instance_id),
        command,
        terminal: Some(TerminalSize {
            columns: ctx.query.columns.unwrap_or(usual.columns),
            rows: ctx.query.rows.unwrap_or(usual.rows),
        }),
    };
    match services::exec::open(&ctx.app, request).await {
        Ok((_, exec)) => Ok(exec),
        Err(error) => Err(visible_error(&error)),
    }
}

/// Returns the error to show; failures of the server are logged here.
fn visible_error(error: &AppError) -> ApiError {
    if error.code().status().is_server_error() {
        tracing::error!(error = %error.chain(), "failed to open a terminal");
    }
    error.answer().clone()
}

async fn carry(
    ctx: &StreamCtx<OpenTerminal>,
    exec: &Exec,
    socket: &mut Socket<OpenTerminal>,
) -> Result<Ended, Closed> {
    let limit = ctx.app.config.terminals.idle_limit();
    let mut idle_at = Instant::now() + limit;
    // Input not passed on yet, one window at most, so that the page is always read.
    let mut typed: Vec<u8> = Vec::new();
    let mut input_credit = Credit::default();
    // Bytes sent and not acknowledged by the page. Only a page that reads lets the program
    // print.
    let mut unseen: u32 = 0;
    loop {
        let message = tokio::select! {
            received = socket.receive_from_page() => {
                match received? {
                    ClientMessage::Input { bytes } => {
                        idle_at = Instant::now() + limit;
                        if !input_credit.take(bytes.0.len()) {
                            return Err(Closed);
                        }
                        typed.extend(bytes.0);
                    }
                    ClientMessage::Resize { columns, rows } => {
                        let size = TerminalSize { columns, rows };
                        size.validate().map_err(|_| Closed)?;
                        exec.resize(size).await;
                    }
                    ClientMessage::Taken { bytes } => {
                        unseen = unseen.checked_sub(bytes).ok_or(Closed)?;
                        exec.grant_output(bytes).await;
                    }
                }
                continue;
            }
            granted = exec.reserve_input(typed.len()), if !typed.is_empty() => {
                let bytes = u32::try_from(granted).map_err(|_| Closed)?;
                exec.input(typed.drain(..granted).collect()).await;
                input_credit.give(bytes);
                ServerMessage::Taken { bytes }
            }
            event = exec.next() => match event {
                ExecEvent::Output(output) => {
                    unseen += u32::try_from(output.len()).map_err(|_| Closed)?;
                    ServerMessage::Output { bytes: Base64(output) }
                }
                ExecEvent::End(end) => return Ok(Ended::Exec(end)),
            },
            () = sleep_until(idle_at) => return Ok(Ended::Idle),
        };
        socket.send(&message).await?;
    }
}

fn refused(error: &ApiError) -> ServerMessage {
    ServerMessage::Refused {
        code: error.code,
        message: error.message.clone(),
    }
}
