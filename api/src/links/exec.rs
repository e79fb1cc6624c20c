//! Execs: programs inside instances, over the link of their runner.
//!
//! Bytes flow by credit, see [`models::exec`]. A program whose output nobody reads stops
//! printing, and a runner that exceeds its credit loses the program, so neither makes the
//! server buffer much.

mod mailbox;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use models::{
    DeploymentId, ExecId, InstanceId,
    deployment::Failure,
    exec::{CHUNK_BYTES, MAX_EXECS_OF_LINK, TerminalSize},
    runner::{OpenExec, ServerFrame},
    value::{Argument, Base64},
};
use tokio::sync::mpsc;
use uuid::Uuid;

use self::mailbox::Mailbox;

/// Capacity of the link's queue, besides one closing frame for each exec.
const FRAMES: usize = 16;

/// A program to run.
#[derive(Clone, Debug)]
pub struct ExecRequest {
    /// The deployment that the instance belongs to.
    pub deployment_id: DeploymentId,
    /// The instance.
    pub instance_id: InstanceId,
    /// The program and its arguments.
    pub command: Vec<Argument>,
    /// The size of its terminal; `None` for a program with neither terminal nor input.
    pub terminal: Option<TerminalSize>,
}

/// The reason that a runner was not asked to run a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecUnavailable {
    /// The runner has no link to this server.
    NoLink,
    /// Too many run already, or the link is slow.
    Busy,
}

/// An event of a running program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecEvent {
    /// Output; [`Exec::grant_output`] grants credit for more.
    Output(Vec<u8>),
    /// The end of the program, after all its output.
    End(ExecEnd),
}

/// The end of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecEnd {
    /// The program exited.
    Exited {
        /// The exit code; 128 + n if signal n ended it.
        code: i64,
        /// True if the kernel killed it for lack of memory.
        oom_killed: bool,
    },
    /// The program could not be run, or was lost.
    Refused(Failure),
    /// The link to its runner broke.
    LinkLost,
}

/// The execs of one link.
#[derive(Debug)]
pub(crate) struct Execs {
    running: Mutex<HashMap<ExecId, Arc<Mailbox>>>,
    frames: mpsc::Sender<ServerFrame>,
}

impl Execs {
    /// Creates an empty set, and the queue of frames to send for it.
    pub(crate) fn new() -> (Arc<Self>, mpsc::Receiver<ServerFrame>) {
        let (frames, waiting) = mpsc::channel(FRAMES + MAX_EXECS_OF_LINK);
        let running = Mutex::default();
        (Arc::new(Self { running, frames }), waiting)
    }

    /// Routes output to its exec.
    pub(crate) fn output(&self, exec_id: ExecId, bytes: &[u8]) {
        if let Some(mailbox) = self.find(exec_id) {
            mailbox.output(bytes);
        }
    }

    /// Routes credit for input to its exec.
    pub(crate) fn credit(&self, exec_id: ExecId, bytes: u32) {
        if let Some(mailbox) = self.find(exec_id) {
            mailbox.credit(bytes);
        }
    }

    /// Records the end of an exec.
    pub(crate) fn end(&self, exec_id: ExecId, end: ExecEnd) {
        if let Some(mailbox) = self.lock().remove(&exec_id) {
            mailbox.end(end);
        }
    }

    /// Ends every exec, because the link is gone.
    pub(crate) fn link_lost(&self) {
        for (_, mailbox) in self.lock().drain() {
            mailbox.end(ExecEnd::LinkLost);
        }
    }

    fn find(&self, exec_id: ExecId) -> Option<Arc<Mailbox>> {
        self.lock().get(&exec_id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ExecId, Arc<Mailbox>>> {
        // Nothing in this module panics while it holds the lock; the map is whole in any case.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests an exec over a link.
pub(super) async fn open(execs: Arc<Execs>, request: ExecRequest) -> Result<Exec, ExecUnavailable> {
    let exec_id = ExecId::from_uuid(Uuid::now_v7());
    let mailbox = Arc::new(Mailbox::default());
    {
        let mut running = execs.lock();
        if running.len() >= MAX_EXECS_OF_LINK {
            return Err(ExecUnavailable::Busy);
        }
        running.insert(exec_id, mailbox.clone());
    }
    let mut exec = Exec {
        exec_id,
        mailbox,
        closing: None,
        execs,
    };
    let frames = exec.execs.frames.clone();
    let closing = frames.clone().reserve_owned().await;
    let open = ServerFrame::ExecOpen(Box::new(OpenExec {
        exec_id,
        deployment_id: request.deployment_id,
        instance_id: request.instance_id,
        command: request.command,
        terminal: request.terminal,
    }));
    frames
        .send(open)
        .await
        .map_err(|_| ExecUnavailable::NoLink)?;
    exec.closing = Some(closing.map_err(|_| ExecUnavailable::NoLink)?);
    Ok(exec)
}

/// A program that runs inside an instance. Dropping it closes the program.
#[derive(Debug)]
pub struct Exec {
    exec_id: ExecId,
    mailbox: Arc<Mailbox>,
    /// A reserved slot for the closing frame, because `Drop` cannot wait for one.
    closing: Option<mpsc::OwnedPermit<ServerFrame>>,
    execs: Arc<Execs>,
}

impl Exec {
    /// Waits for the next event. Cancel safe.
    pub async fn next(&self) -> ExecEvent {
        self.mailbox.next().await
    }

    /// Marks output as processed, which grants credit for as much again.
    pub async fn grant_output(&self, bytes: u32) {
        let exec_id = self.exec_id;
        if self.mailbox.grant_output(bytes) {
            self.send(ServerFrame::ExecCredit { exec_id, bytes }).await;
        }
    }

    /// Takes up to `wanted` bytes of credit for input; waits for at least one.
    ///
    /// The caller must then send that many bytes.
    pub async fn reserve_input(&self, wanted: usize) -> usize {
        self.mailbox.reserve_input(wanted.min(CHUNK_BYTES)).await
    }

    /// Sends input within the credit from [`Self::reserve_input`].
    pub async fn input(&self, bytes: Vec<u8>) {
        let (exec_id, bytes) = (self.exec_id, Base64(bytes));
        self.send(ServerFrame::ExecInput { exec_id, bytes }).await;
    }

    /// Resizes the terminal.
    pub async fn resize(&self, size: TerminalSize) {
        let exec_id = self.exec_id;
        self.send(ServerFrame::ExecResize { exec_id, size }).await;
    }

    async fn send(&self, frame: ServerFrame) {
        // A lost link is reported as the program's end.
        self.execs.frames.send(frame).await.ok();
    }
}

impl Drop for Exec {
    fn drop(&mut self) {
        let exec_id = self.exec_id;
        let was_running = self.execs.lock().remove(&exec_id).is_some();
        if let Some(closing) = self.closing.take().filter(|_| was_running) {
            closing.send(ServerFrame::ExecClose { exec_id });
        }
    }
}

#[cfg(test)]
mod tests;
