//! Execs: programs that people run inside instances, through the server.
//!
//! They belong to a link. When it breaks, they are hung up, since nobody is left who could end
//! them. Their bytes flow by credit, see [`models::exec`], so they take turns with all other
//! traffic on the link.

mod mailbox;
mod session;

use std::{collections::HashMap, sync::Arc};

use garde::Validate;
use models::{
    ExecId,
    deployment::{Failure, FailureCode, Fault},
    exec::{MAX_EXECS_OF_LINK, TerminalSize},
    runner::{OpenExec, RunnerFrame},
};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use self::mailbox::Mailbox;
use crate::{context::AgentContext, platform::Reconciler, policy, task};

/// Capacity of the frame queue. A few are plenty: programs wait for credit.
const FRAMES: usize = 4;

/// The programs of one link. Dropping it hangs all of them up.
pub(crate) struct Execs<R> {
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    running: HashMap<ExecId, RunningExec>,
    frames: mpsc::Sender<RunnerFrame>,
    refused: mpsc::Sender<RunnerFrame>,
}

/// Outgoing frames of one link's execs.
pub(crate) struct ExecFrames {
    frames: mpsc::Receiver<RunnerFrame>,
    refused: mpsc::Receiver<RunnerFrame>,
}

/// The server opens far more execs than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server requested too many commands and terminals")]
pub(crate) struct TooManyExecs;

struct RunningExec {
    mailbox: Arc<Mailbox>,
    task: AbortOnDropHandle<()>,
}

impl<R: Reconciler> Execs<R> {
    /// Returns an empty set of execs and the receiver of their frames.
    pub(crate) fn new(context: Arc<AgentContext>, reconciler: Arc<R>) -> (Self, ExecFrames) {
        let (frames, frames_rx) = mpsc::channel(FRAMES);
        let (refused, refusals) = mpsc::channel(MAX_EXECS_OF_LINK);
        let execs = Self {
            context,
            reconciler,
            running: HashMap::new(),
            frames,
            refused,
        };
        let exec_frames = ExecFrames {
            frames: frames_rx,
            refused: refusals,
        };
        (execs, exec_frames)
    }

    /// Opens an exec.
    ///
    /// The server validates requests; the runner validates them again, since a stolen server
    /// may send anything.
    ///
    /// # Errors
    /// When the server keeps asking for refused execs, faster than refusals can be sent.
    pub(crate) fn open(&mut self, open: OpenExec) -> Result<(), TooManyExecs> {
        self.running
            .retain(|_, running| !running.task.is_finished());
        let exec_id = open.exec_id;
        if open.validate().is_err() || self.running.contains_key(&exec_id) {
            self.refuse(
                exec_id,
                FailureCode::ExecInvalid,
                "The runner rejected this command.",
            )
        } else if let Err(error) = policy::check_exec(&self.context.policy) {
            self.send_refusal(exec_id, error.into())
        } else if self.running.len() >= MAX_EXECS_OF_LINK {
            let message =
                "Too many commands and terminals are open on this runner. Close one and try again.";
            self.refuse(exec_id, FailureCode::TooManyExecs, message)
        } else {
            let mailbox = Arc::new(Mailbox::default());
            let session = session::run(
                Arc::clone(&self.context),
                Arc::clone(&self.reconciler),
                open,
                Arc::clone(&mailbox),
                self.frames.clone(),
            );
            let task = task::spawn_owned(session);
            self.running.insert(exec_id, RunningExec { mailbox, task });
            Ok(())
        }
    }

    /// Hands input on. Frames for an exec that has ended may still arrive.
    pub(crate) fn input(&self, exec_id: ExecId, bytes: &[u8]) {
        if let Some(running) = self.running.get(&exec_id) {
            running.mailbox.input(bytes);
        }
    }

    /// Resizes an exec's terminal.
    pub(crate) fn resize(&self, exec_id: ExecId, size: TerminalSize) {
        if let Some(running) = self.running.get(&exec_id)
            && size.validate().is_ok()
        {
            running.mailbox.resize(size);
        }
    }

    /// Adds credit for an exec's output.
    pub(crate) fn credit(&self, exec_id: ExecId, bytes: u32) {
        if let Some(running) = self.running.get(&exec_id) {
            running.mailbox.credit(bytes);
        }
    }

    /// Hangs an exec up.
    pub(crate) fn close(&mut self, exec_id: ExecId) {
        self.running.remove(&exec_id);
    }

    fn refuse(
        &self,
        exec_id: ExecId,
        code: FailureCode,
        message: &str,
    ) -> Result<(), TooManyExecs> {
        let failure = Failure {
            fault: Fault::Platform,
            code,
            message: message.to_owned(),
        };
        self.send_refusal(exec_id, failure)
    }

    fn send_refusal(&self, exec_id: ExecId, failure: Failure) -> Result<(), TooManyExecs> {
        // The task that reads the link must not wait for writes to it.
        self.refused
            .try_send(RunnerFrame::ExecRefused { exec_id, failure })
            .map_err(|_| TooManyExecs)
    }
}

impl ExecFrames {
    /// Waits for the next frame.
    pub(crate) async fn next(&mut self) -> RunnerFrame {
        tokio::select! {
            Some(frame) = self.refused.recv() => frame,
            Some(frame) = self.frames.recv() => frame,
            else => std::future::pending().await,
        }
    }
}
