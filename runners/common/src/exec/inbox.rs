//! What the server sent to one program and was not taken yet.
//!
//! However much and however fast the server sends, no more than a window of bytes and one size
//! are kept.

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
    /// What the server may still send.
    room: Credit,
    overrun: bool,
    size: Option<TerminalSize>,
    /// What may still be sent to the server.
    credit: Credit,
}

impl Inbox {
    /// The server sent input.
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

    /// The server says that the terminal has another size.
    pub(super) fn resize(&self, size: TerminalSize) {
        lock(&self.state).size = Some(size);
        self.resized.notify_one();
    }

    /// The server took so much of the output.
    pub(super) fn credit(&self, bytes: u32) {
        lock(&self.state).credit.give(bytes);
        self.credited.notify_one();
    }

    /// All input that is there; waits for some.
    ///
    /// # Errors
    /// When the server sent more than it may.
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

    /// So much input was used; the server is told by whoever calls.
    pub(super) fn used(&self, bytes: u32) {
        lock(&self.state).room.give(bytes);
    }

    /// The newest size; waits for one.
    pub(super) async fn take_size(&self) -> TerminalSize {
        loop {
            if let Some(size) = lock(&self.state).size.take() {
                return size;
            }
            self.resized.notified().await;
        }
    }

    /// How many of so many bytes may be sent now; waits until it is one at least.
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
        // It was taken, and the server does not know it yet.
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
