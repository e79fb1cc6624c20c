//! Mailbox of one exec: input from the server that the program has not read yet.
//!
//! However much and however fast the server sends, at most one window of bytes and one terminal
//! size are kept.

use std::sync::Mutex;

use models::exec::{CHUNK_BYTES, Credit, TerminalSize};
use tokio::sync::Notify;

use crate::{runner::RunnerError, sync::lock};

#[derive(Debug, Default)]
pub(super) struct Inbox {
    state: Mutex<State>,
    typed: Notify,
    resized: Notify,
    credited: Notify,
}

#[derive(Debug, Default)]
struct State {
    input: Vec<u8>,
    /// Credit that the server has left.
    room: Credit,
    overrun: bool,
    size: Option<TerminalSize>,
    /// Credit for sending to the server.
    credit: Credit,
}

impl Inbox {
    /// Stores input from the server.
    pub(super) fn input(&self, bytes: &[u8]) {
        let mut state = lock(&self.state);
        if state.room.take(bytes.len()) {
            state.input.extend_from_slice(bytes);
        } else {
            state.overrun = true;
        }
        drop(state);
        self.typed.notify_one();
    }

    /// Stores the terminal's new size.
    pub(super) fn resize(&self, size: TerminalSize) {
        lock(&self.state).size = Some(size);
        self.resized.notify_one();
    }

    /// Adds credit for output.
    pub(super) fn credit(&self, bytes: u32) {
        lock(&self.state).credit.give(bytes);
        self.credited.notify_one();
    }

    /// Takes all input that has arrived; waits for some.
    ///
    /// # Errors
    /// When the server sent more than its credit allows.
    pub(super) async fn take_input(&self) -> Result<Vec<u8>, RunnerError> {
        loop {
            {
                let mut state = lock(&self.state);
                if state.overrun {
                    return Err(RunnerError::platform(
                        "input_overrun",
                        "The server sent more input than it may.",
                    ));
                }
                if !state.input.is_empty() {
                    return Ok(std::mem::take(&mut state.input));
                }
            }
            self.typed.notified().await;
        }
    }

    /// Returns credit for input that was used; the caller tells the server.
    pub(super) fn used(&self, bytes: u32) {
        lock(&self.state).room.give(bytes);
    }

    /// Takes the newest size; waits for one.
    pub(super) async fn take_size(&self) -> TerminalSize {
        loop {
            if let Some(size) = lock(&self.state).size.take() {
                return size;
            }
            self.resized.notified().await;
        }
    }

    /// Takes credit for up to `wanted` bytes; waits for at least one.
    pub(super) async fn take_credit(&self, wanted: usize) -> usize {
        loop {
            {
                let mut state = lock(&self.state);
                let left = usize::try_from(state.credit.left()).unwrap_or(usize::MAX);
                let granted = wanted.min(left).min(CHUNK_BYTES);
                if granted > 0 && state.credit.take(granted) {
                    return granted;
                }
            }
            self.credited.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use models::exec::{CHUNK_BYTES, WINDOW_BYTES};

    use super::Inbox;

    #[test]
    fn no_more_than_a_window_of_input_is_kept() {
        let inbox = Inbox::default();
        let window = vec![0; WINDOW_BYTES as usize];
        inbox.input(&window);
        assert_eq!(inbox.take_input().now_or_never().unwrap().unwrap(), window);
        // The input was taken, but the server does not know it yet.
        inbox.input(b"x");
        let error = inbox.take_input().now_or_never().unwrap().unwrap_err();
        assert_eq!(error.code, "input_overrun");
    }

    #[test]
    fn used_input_makes_room() {
        let inbox = Inbox::default();
        for _ in 0..3 {
            inbox.input(&vec![0; WINDOW_BYTES as usize]);
            assert!(inbox.take_input().now_or_never().unwrap().is_ok());
            inbox.used(WINDOW_BYTES);
        }
    }

    #[test]
    fn output_waits_for_credit() {
        let inbox = Inbox::default();
        let mut sent = 0;
        while let Some(granted) = inbox.take_credit(usize::MAX).now_or_never() {
            assert!(granted <= CHUNK_BYTES);
            sent += granted;
        }
        assert_eq!(sent, WINDOW_BYTES as usize);
        inbox.credit(5);
        assert_eq!(inbox.take_credit(7).now_or_never(), Some(5));
        assert_eq!(inbox.take_credit(7).now_or_never(), None);
    }
}
