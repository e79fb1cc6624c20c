//! The socket of a link, which waits for no database.
//!
//! It passes the frames of execs on, in both directions. Everything else goes to the link's
//! handler, in order.

use std::{convert::Infallible, sync::Arc, time::Duration};

use models::{
    api::runner::ConnectRunner,
    runner::{LINK_TIMEOUT_MS, MAX_RUNNER_FRAME_BYTES, RunnerFrame, ServerFrame},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, timeout_at},
};

use crate::{
    http::{Closed, Socket},
    links::{ExecEnd, Execs},
};

/// Bytes of reports that may wait to be handled.
///
/// As long as there are more, the link is not read, and a runner with too much to say is slowed
/// down. That is far more than an honest runner says during a commit.
const ROOM_BYTES: usize = 4 * MAX_RUNNER_FRAME_BYTES;
/// Bytes that count for a small report; in memory it is larger than its text.
const LEAST_BYTES: usize = 1024;

/// A frame that is to be handled.
pub(super) struct Report {
    pub(super) frame: Box<RunnerFrame>,
    /// Its part of the room, returned when it is handled.
    _room: OwnedSemaphorePermit,
}

/// The queues between a transport and a handler, as the handler sees them.
pub(super) struct Queues {
    pub(super) reports: mpsc::UnboundedReceiver<Report>,
    pub(super) state: mpsc::Sender<Box<ServerFrame>>,
}

/// The socket of a link, and the queues that it serves.
pub(super) struct Transport {
    socket: Socket<ConnectRunner>,
    execs: Arc<Execs>,
    exec_frames: mpsc::Receiver<ServerFrame>,
    state: mpsc::Receiver<Box<ServerFrame>>,
    reports: mpsc::UnboundedSender<Report>,
    room: Arc<Semaphore>,
}

impl Transport {
    pub(super) fn new(
        socket: Socket<ConnectRunner>,
        execs: Arc<Execs>,
        exec_frames: mpsc::Receiver<ServerFrame>,
    ) -> (Self, Queues) {
        let (reports, waiting) = mpsc::unbounded_channel();
        let (sender, state) = mpsc::channel(1);
        let transport = Self {
            socket,
            execs,
            exec_frames,
            state,
            reports,
            room: Arc::new(Semaphore::new(ROOM_BYTES)),
        };
        let queues = Queues {
            reports: waiting,
            state: sender,
        };
        (transport, queues)
    }

    /// Runs until the runner is gone.
    pub(super) async fn run(mut self) -> Closed {
        let Err(closed) = self.serve().await;
        // Reports that still wait hold up no one at a terminal.
        self.execs.link_lost();
        closed
    }

    async fn serve(&mut self) -> Result<Infallible, Closed> {
        let silence = Duration::from_millis(LINK_TIMEOUT_MS);
        let mut heard_at = Instant::now();
        // A report for which there is no room yet, and its size.
        let mut next: Option<(Box<RunnerFrame>, u32)> = None;
        loop {
            let size = next.as_ref().map_or(0, |(_, size)| *size);
            tokio::select! {
                received = timeout_at(heard_at + silence, self.socket.receive_sized()), if next.is_none() => {
                    let received = received.map_err(|_| Closed)?;
                    heard_at = Instant::now();
                    let (frame, bytes) = received?;
                    let frame = frame.and_then(|frame| self.pass_on(frame));
                    let size = u32::try_from(bytes.clamp(LEAST_BYTES, ROOM_BYTES)).map_err(|_| Closed)?;
                    next = frame.map(|frame| (Box::new(frame), size));
                }
                room = self.room.clone().acquire_many_owned(size), if next.is_some() => {
                    if let Some((frame, _)) = next.take() {
                        let report = Report { frame, _room: room.map_err(|_| Closed)? };
                        self.reports.send(report).map_err(|_| Closed)?;
                    }
                    // Nobody listened meanwhile.
                    heard_at = Instant::now();
                }
                Some(frame) = self.exec_frames.recv() => self.socket.send(&frame).await?,
                Some(frame) = self.state.recv() => self.socket.send(&frame).await?,
            }
        }
    }

    /// Passes a frame of an exec on; returns any other that says something.
    fn pass_on(&self, frame: RunnerFrame) -> Option<RunnerFrame> {
        match frame {
            RunnerFrame::ExecOutput { exec_id, bytes } => self.execs.output(exec_id, &bytes.0),
            RunnerFrame::ExecCredit { exec_id, bytes } => self.execs.credit(exec_id, bytes),
            RunnerFrame::ExecExited {
                exec_id,
                code,
                oom_killed,
            } => {
                self.execs
                    .end(exec_id, ExecEnd::Exited { code, oom_killed });
            }
            RunnerFrame::ExecRefused { exec_id, failure } => {
                self.execs.end(exec_id, ExecEnd::Refused(failure));
            }
            RunnerFrame::Hello(_) | RunnerFrame::Heartbeat | RunnerFrame::Unknown => {}
            report => return Some(report),
        }
        None
    }
}
