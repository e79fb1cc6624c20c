//! Input of a terminal, and the keys that end its program after a hang-up.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::AsyncWrite,
    net::UnixStream,
    runtime::Handle,
    time::{Instant, interval, sleep_until},
};

use super::control::Control;

/// Interrupts the running program, then ends the shell's input.
const HANG_UP: &[u8] = b"\x03\x04";
/// Pause before the hang-up keys are repeated.
///
/// A shell that is not at its prompt yet takes the end of its input for a letter.
const AGAIN: Duration = Duration::from_millis(100);
/// Time after which the repeats end, if the program has not exited.
const GIVE_UP: Duration = Duration::from_secs(10);

/// Input of a terminal. Dropping it hangs up.
pub(super) struct TerminalInput {
    stream: Arc<UnixStream>,
    program: Control,
}

impl TerminalInput {
    pub(super) const fn new(stream: Arc<UnixStream>, program: Control) -> Self {
        Self { stream, program }
    }

    /// Returns the stream for reading the terminal's output.
    pub(super) fn stream(&self) -> Arc<UnixStream> {
        Arc::clone(&self.stream)
    }
}

impl Drop for TerminalInput {
    fn drop(&mut self) {
        // Without a runtime, the process itself is exiting.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(hang_up(self.stream.clone(), self.program.clone()));
        }
    }
}

/// Ends a program as well as a terminal can.
async fn hang_up(stream: Arc<UnixStream>, program: Control) {
    let mut again = interval(AGAIN);
    let over = Instant::now() + GIVE_UP;
    loop {
        tokio::select! {
            () = sleep_until(over) => return,
            // A program whose output nobody reads would block before its prompt.
            read = discard(&stream) => if read.is_err() { return },
            _ = again.tick() => {
                stream.try_write(HANG_UP).ok();
                // If the engine does not answer, ask again.
                if program.ended().await.is_ok_and(|code| code.is_some()) {
                    return;
                }
            }
        }
    }
}

async fn discard(stream: &UnixStream) -> io::Result<()> {
    let mut printed = [0; 1024];
    stream.readable().await?;
    match stream.try_read(&mut printed) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
        _ => Ok(()),
    }
}

impl AsyncWrite for TerminalInput {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.stream.poll_write_ready(cx))?;
            match self.stream.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
