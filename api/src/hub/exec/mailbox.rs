//! What was heard of one program and was not taken yet: a window of bytes at the most.

use std::sync::{Mutex, MutexGuard, PoisonError};

use models::{
    deployment::{Failure, Fault},
    exec::Credit,
};
use tokio::sync::Notify;

use super::{ExecEnd, ExecEvent};

#[derive(Debug, Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    heard: Notify,
    credited: Notify,
}

#[derive(Debug, Default)]
struct State {
    output: Vec<u8>,
    /// What the runner may still send.
    room: Credit,
    /// What may still be sent to the runner.
    credit: Credit,
    end: Option<ExecEnd>,
}

impl Mailbox {
    /// The program printed something. A runner that sends more than it may is not listened to any
    /// longer.
    pub(super) fn output(&self, bytes: &[u8]) {
        let mut state = self.lock();
        if state.end.is_some() {
            return;
        }
        if state.room.take(bytes.len()) {
            state.output.extend_from_slice(bytes);
        } else {
            state.end = Some(ExecEnd::Refused(Failure {
                fault: Fault::Platform,
                code: "output_overrun".to_owned(),
                message: "The runner sent more output than it may.".to_owned(),
            }));
        }
        drop(state);
        self.heard.notify_one();
    }

    /// The runner took input.
    pub(super) fn credit(&self, bytes: u32) {
        self.lock().credit.give(bytes);
        self.credited.notify_one();
    }

    /// It is over.
    pub(super) fn end(&self, end: ExecEnd) {
        self.lock().end.get_or_insert(end);
        self.heard.notify_one();
    }

    /// All output that is there, then the end; waits for something.
    pub(super) async fn next(&self) -> ExecEvent {
        loop {
            {
                let mut state = self.lock();
                if !state.output.is_empty() {
                    return ExecEvent::Output(std::mem::take(&mut state.output));
                }
                if let Some(end) = &state.end {
                    return ExecEvent::End(end.clone());
                }
            }
            self.heard.notified().await;
        }
    }

    /// So much output was dealt with; says whether the runner is to be told.
    pub(super) fn taken(&self, bytes: u32) -> bool {
        let mut state = self.lock();
        state.room.give(bytes);
        bytes > 0 && state.end.is_none()
    }

    /// Takes up to so much of the room for input; waits until there is some.
    pub(super) async fn room(&self, wanted: usize) -> usize {
        loop {
            {
                let mut state = self.lock();
                let left = usize::try_from(state.credit.left()).unwrap_or(usize::MAX);
                let granted = wanted.min(left);
                if granted > 0 && state.credit.take(granted) {
                    return granted;
                }
            }
            self.credited.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in this module panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
