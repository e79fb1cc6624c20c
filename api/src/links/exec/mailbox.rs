//! Output of one exec that was not taken yet, bounded by a window of bytes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use models::{
    deployment::{Failure, FailureCode, Fault},
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
    /// Credit of the runner: bytes that it may still send.
    output_credit: Credit,
    /// Credit of the server: bytes that may still be sent to the runner.
    input_credit: Credit,
    end: Option<ExecEnd>,
}

impl Mailbox {
    /// Records output. A runner that exceeds its credit is no longer listened to.
    pub(super) fn output(&self, bytes: &[u8]) {
        let mut state = self.lock();
        if state.end.is_some() {
            return;
        }
        if state.output_credit.take(bytes.len()) {
            state.output.extend_from_slice(bytes);
        } else {
            state.end = Some(ExecEnd::Refused(Failure {
                fault: Fault::Platform,
                code: FailureCode::OutputOverrun,
                message: "The runner sent more output than allowed.".to_owned(),
            }));
        }
        drop(state);
        self.heard.notify_one();
    }

    /// Adds credit after the runner took input.
    pub(super) fn credit(&self, bytes: u32) {
        self.lock().input_credit.give(bytes);
        self.credited.notify_one();
    }

    /// Records the end of the program.
    pub(super) fn end(&self, end: ExecEnd) {
        self.lock().end.get_or_insert(end);
        self.heard.notify_one();
    }

    /// Waits for the next event: first all buffered output, then the end.
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

    /// Counts output as processed; true if the runner must be told.
    pub(super) fn grant_output(&self, bytes: u32) -> bool {
        let mut state = self.lock();
        state.output_credit.give(bytes);
        bytes > 0 && state.end.is_none()
    }

    /// Takes up to `wanted` bytes of credit for input; waits until there is some.
    pub(super) async fn reserve_input(&self, wanted: usize) -> usize {
        loop {
            {
                let mut state = self.lock();
                let left = usize::try_from(state.input_credit.left()).unwrap_or(usize::MAX);
                let granted = wanted.min(left);
                if granted > 0 && state.input_credit.take(granted) {
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
