//! Programs inside instances, over the link of their runner.
//!
//! Bytes flow by credit, see [`models::exec`]: a program whose output nobody takes stops printing,
//! and a runner that sends more than it may loses the program, so neither keeps much in memory
//! here.

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

/// Frames that wait for the link, besides one for each program that may have to be closed.
const FRAMES: usize = 16;

/// A program to run.
#[derive(Clone, Debug)]
pub struct ExecWanted {
    /// The deployment that the instance belongs to.
    pub deployment_id: DeploymentId,
    /// The instance.
    pub instance_id: InstanceId,
    /// The program and its arguments.
    pub command: Vec<Argument>,
    /// The size of its terminal; without one it has neither terminal nor input.
    pub terminal: Option<TerminalSize>,
}

/// Why a runner was not asked to run a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoExec {
    /// It is not linked with this server.
    NoLink,
    /// Too many run already, or the link is slow.
    Busy,
}

/// What is heard of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecEvent {
    /// It printed something; [`Exec::taken`] makes room for more.
    Output(Vec<u8>),
    /// It is over, and all output was heard.
    End(ExecEnd),
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecEnd {
    /// By itself.
    Exited {
        /// Its exit code; 128 + n when signal n ended it.
        code: i64,
        /// True when the kernel killed it for want of memory.
        oom_killed: bool,
    },
    /// It could not be run, or was lost.
    Refused(Failure),
    /// The link to its runner broke.
    LinkLost,
}

/// The programs of one link.
#[derive(Debug)]
pub(super) struct Execs {
    running: Mutex<HashMap<ExecId, Arc<Mailbox>>>,
    frames: mpsc::Sender<ServerFrame>,
}

impl Execs {
    /// None yet, and the frames to send for them.
    pub(super) fn new() -> (Arc<Self>, mpsc::Receiver<ServerFrame>) {
        let (frames, waiting) = mpsc::channel(FRAMES + MAX_EXECS_OF_LINK);
        let running = Mutex::default();
        (Arc::new(Self { running, frames }), waiting)
    }

    /// A program printed something.
    pub(super) fn output(&self, exec_id: ExecId, bytes: &[u8]) {
        if let Some(mailbox) = self.find(exec_id) {
            mailbox.output(bytes);
        }
    }

    /// A runner took input.
    pub(super) fn credit(&self, exec_id: ExecId, bytes: u32) {
        if let Some(mailbox) = self.find(exec_id) {
            mailbox.credit(bytes);
        }
    }

    /// A program is over.
    pub(super) fn end(&self, exec_id: ExecId, end: ExecEnd) {
        if let Some(mailbox) = self.lock().remove(&exec_id) {
            mailbox.end(end);
        }
    }

    /// The link is gone, and every program with it.
    pub(super) fn link_lost(&self) {
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

/// Asks for a program over a link.
pub(super) async fn open(execs: Arc<Execs>, wanted: ExecWanted) -> Result<Exec, NoExec> {
    let exec_id = ExecId::from_uuid(Uuid::now_v7());
    let mailbox = Arc::new(Mailbox::default());
    {
        let mut running = execs.lock();
        if running.len() >= MAX_EXECS_OF_LINK {
            return Err(NoExec::Busy);
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
        deployment_id: wanted.deployment_id,
        instance_id: wanted.instance_id,
        command: wanted.command,
        terminal: wanted.terminal,
    }));
    frames.send(open).await.map_err(|_| NoExec::NoLink)?;
    exec.closing = Some(closing.map_err(|_| NoExec::NoLink)?);
    Ok(exec)
}

/// A program that runs inside an instance. Dropping it closes it.
#[derive(Debug)]
pub struct Exec {
    exec_id: ExecId,
    mailbox: Arc<Mailbox>,
    /// The place of its last frame, kept from the start: whoever drops it cannot wait.
    closing: Option<mpsc::OwnedPermit<ServerFrame>>,
    execs: Arc<Execs>,
}

impl Exec {
    /// What is heard next; may be dropped while it waits.
    pub async fn next(&self) -> ExecEvent {
        self.mailbox.next().await
    }

    /// So much output was dealt with; as much again may come.
    pub async fn taken(&self, bytes: u32) {
        let exec_id = self.exec_id;
        if self.mailbox.taken(bytes) {
            self.send(ServerFrame::ExecCredit { exec_id, bytes }).await;
        }
    }

    /// How many of so many bytes of input may be sent now; waits until it is one at least. They
    /// must be sent then.
    pub async fn room(&self, wanted: usize) -> usize {
        self.mailbox.room(wanted.min(CHUNK_BYTES)).await
    }

    /// Sends input for which there was room.
    pub async fn input(&self, bytes: Vec<u8>) {
        let (exec_id, bytes) = (self.exec_id, Base64(bytes));
        self.send(ServerFrame::ExecInput { exec_id, bytes }).await;
    }

    /// Gives the terminal another size.
    pub async fn resize(&self, size: TerminalSize) {
        let exec_id = self.exec_id;
        self.send(ServerFrame::ExecResize { exec_id, size }).await;
    }

    async fn send(&self, frame: ServerFrame) {
        // A link that is gone is heard of as the program's end.
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
