//! Mailbox of one exec: input from the server that the program has not read yet.
//!
//! However much and however fast the server sends, at most one window of bytes and one terminal
//! size are kept.

use std::sync::Mutex;

use models::deployment::FailureCode;
use models::exec::{CHUNK_BYTES, Credit, TerminalSize};
use tokio::sync::Notify;

use crate::{platform::RunnerError, sync::lock};

#[derive(Debug, Default)]
pub(super) struct Mailbox {
    state: Mutex<State>,
    input_ready: Notify,
    resized: Notify,
    credit_ready: Notify,
}

#[derive(Debug, Default)]
struct State {
    input: Vec<u8>,
    /// Input bytes that the server may still send.
    receive_window: Credit,
    overrun: bool,
    size: Option<TerminalSize>,
    /// Credit for sending to the server.
    credit: Credit,
}

impl Mailbox {
    /// Stores input from the server.
    pub(super) fn input(&self, bytes: &[u8]) {
        let mut state = lock(&self.state);
        if state.receive_window.take(bytes.len()) {
            state.input.extend_from_slice(bytes);
        } else {
            state.overrun = true;
        }
        drop(state);
        self.input_ready.notify_one();
    }

    /// Stores the terminal's new size.
    pub(super) fn resize(&self, size: TerminalSize) {
        lock(&self.state).size = Some(size);
        self.resized.notify_one();
    }

    /// Adds credit for output.
    pub(super) fn credit(&self, bytes: u32) {
        lock(&self.state).credit.give(bytes);
        self.credit_ready.notify_one();
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
                        FailureCode::InputOverrun,
                        "The server sent more input than allowed.",
                    ));
                }
                if !state.input.is_empty() {
                    return Ok(std::mem::take(&mut state.input));
                }
            }
            self.input_ready.notified().await;
        }
    }

    /// Returns credit for input that was used; the caller tells the server.
    pub(super) fn release_input(&self, bytes: u32) {
        lock(&self.state).receive_window.give(bytes);
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
            self.credit_ready.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use models::deployment::FailureCode;
    use models::exec::{CHUNK_BYTES, WINDOW_BYTES};

    use super::Mailbox;

    #[test]
    fn no_more_than_a_window_of_input_is_kept() {
        let mailbox = Mailbox::default();
        let window = vec![0; WINDOW_BYTES as usize];
        mailbox.input(&window);
        assert_eq!(
            mailbox.take_input().now_or_never().unwrap().unwrap(),
            window
        );
        // The input was taken, but the server does not know it yet.
        mailbox.input(b"x");
        let error = mailbox.take_input().now_or_never().unwrap().unwrap_err();
        assert_eq!(error.code, FailureCode::InputOverrun);
    }

    #[test]
    fn used_input_makes_room() {
        let mailbox = Mailbox::default();
        for _ in 0..3 {
            mailbox.input(&vec![0; WINDOW_BYTES as usize]);
            assert!(mailbox.take_input().now_or_never().unwrap().is_ok());
            mailbox.release_input(WINDOW_BYTES);
        }
    }

    #[test]
    fn output_waits_for_credit() {
        let mailbox = Mailbox::default();
        let mut sent = 0;
        while let Some(granted) = mailbox.take_credit(usize::MAX).now_or_never() {
            assert!(granted <= CHUNK_BYTES);
            sent += granted;
        }
        assert_eq!(sent, WINDOW_BYTES as usize);
        mailbox.credit(5);
        assert_eq!(mailbox.take_credit(7).now_or_never(), Some(5));
        assert_eq!(mailbox.take_credit(7).now_or_never(), None);
    }
}
