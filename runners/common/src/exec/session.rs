//! One exec, from start to end.

use std::sync::Arc;

use futures::TryStreamExt;
use models::{
    deployment::FailureCode,
    exec::{CHUNK_BYTES, TerminalSize},
    runner::{OpenExec, RunnerFrame},
    value::Base64,
};
use tokio::{io::AsyncWriteExt, sync::mpsc};
use tracing::debug;

use super::mailbox::Mailbox;
use crate::{
    context::AgentContext,
    platform::{Exec, ExecControl, ExecSession, InstanceKey, ProgramEnd, Reconciler, RunnerError},
};

/// Runs a program and reports its end.
pub(super) async fn run<R: Reconciler>(
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    open: OpenExec,
    mailbox: Arc<Mailbox>,
    frames: mpsc::Sender<RunnerFrame>,
) {
    let exec_id = open.exec_id;
    let end = match serve((&context, &*reconciler), open, &mailbox, &frames).await {
        Ok(ProgramEnd { code, oom_killed }) => RunnerFrame::ExecExited {
            exec_id,
            code,
            oom_killed,
        },
        Err(error) => RunnerFrame::ExecRefused {
            exec_id,
            failure: error.into(),
        },
    };
    frames.send(end).await.ok();
}

async fn serve<R: Reconciler>(
    (context, reconciler): (&AgentContext, &R),
    open: OpenExec,
    mailbox: &Mailbox,
    frames: &mpsc::Sender<RunnerFrame>,
) -> Result<ProgramEnd, RunnerError> {
    if open.terminal.is_some() && !context.capabilities.terminals {
        return Err(RunnerError::no_terminals());
    }
    let instance = instance(context, &open)?;
    let exec = Exec {
        command: open.command,
        terminal: open.terminal,
    };
    let exec_id = open.exec_id;
    let session = reconciler.exec(&instance, exec).await?;
    let ExecSession {
        mut input,
        mut output,
        control,
    } = session;
    let typing = async {
        loop {
            let typed = mailbox.take_input().await?;
            for chunk in typed.chunks(CHUNK_BYTES) {
                if input.write_all(chunk).await.is_err() {
                    // The program reads no more input. Its output tells how it ended.
                    return std::future::pending().await;
                }
                let bytes = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
                mailbox.release_input(bytes);
                let frame = RunnerFrame::ExecCredit { exec_id, bytes };
                frames.send(frame).await.ok();
            }
        }
    };
    let printing = async {
        while let Some(printed) = output.try_next().await? {
            let mut rest = printed.as_slice();
            while !rest.is_empty() {
                let (now, later) = rest.split_at(mailbox.take_credit(rest.len()).await);
                let bytes = Base64(now.to_vec());
                let frame = RunnerFrame::ExecOutput { exec_id, bytes };
                frames.send(frame).await.ok();
                rest = later;
            }
        }
        Ok(())
    };
    let ended: Result<(), RunnerError> = tokio::select! {
        failed = typing, if open.terminal.is_some() => failed,
        () = resizing(mailbox, &*control) => Ok(()),
        ended = printing => ended,
    };
    ended?;
    control.end().await
}

/// Applies the server's sizes to the terminal.
async fn resizing(mailbox: &Mailbox, control: &dyn ExecControl) {
    loop {
        let size: TerminalSize = mailbox.take_size().await;
        if let Err(error) = control.resize(size).await {
            // The program may have just ended.
            debug!(%error, "failed to resize a terminal");
        }
    }
}

/// Returns the instance, if it belongs to the deployment and is up.
fn instance(context: &AgentContext, open: &OpenExec) -> Result<InstanceKey, RunnerError> {
    let snapshots = context.informer.snapshots();
    let seen = snapshots.borrow().of_workload(open.deployment_id.into());
    let found = seen
        .into_iter()
        .find(|instance| instance.key.instance_id == open.instance_id);
    match found {
        Some(instance) if instance.state.is_up() => Ok(instance.key),
        _ => Err(RunnerError::user(
            FailureCode::InstanceNotRunning,
            "The instance is no longer running.",
        )),
    }
}
