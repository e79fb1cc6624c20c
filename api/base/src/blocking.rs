//! Waiting for work on other threads.
//!
//! A simulation is repeatable only if nothing depends on the relative speed of threads, so its
//! own thread does all such work itself, or waits for it.

use std::cell::Cell;

use futures::executor;
use tokio::task::{JoinError, coop, spawn_blocking};

thread_local! {
    static IS_INLINE: Cell<bool> = const { Cell::new(false) };
}

/// Makes this thread do blocking work itself from now on.
///
/// It also waits for SQLite's threads.
pub fn run_inline() {
    IS_INLINE.set(true);
}

/// Runs blocking work on a thread where it delays no request.
#[expect(clippy::disallowed_methods, reason = "this is what everyone else uses")]
pub async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    if IS_INLINE.get() {
        return Ok(work());
    }
    spawn_blocking(work).await
}

/// Waits for a statement on SQLite, which its driver runs on a separate thread.
pub async fn run_statement<F: Future>(running: F) -> F::Output {
    if IS_INLINE.get() {
        return block_on(running);
    }
    running.await
}

/// Blocks this thread until a future is done that other threads drive.
pub fn block_on<F: Future>(running: F) -> F::Output {
    // Without the runtime's budget: a future that is told to yield would be polled again at
    // once, forever.
    executor::block_on(coop::unconstrained(running))
}
