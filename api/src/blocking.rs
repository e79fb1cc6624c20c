//! Waiting for work on other threads.
//!
//! A simulation is repeatable only if nothing depends on the relative speed of threads, so
//! there its own thread stands still during all such work.

use tokio::task::{JoinError, spawn_blocking};

#[cfg(feature = "simulation")]
thread_local! {
    static STANDS_STILL: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Makes this thread wait for all others from now on, as simulations need.
#[cfg(feature = "simulation")]
pub fn stand_still() {
    STANDS_STILL.set(true);
}

/// Runs blocking work on a thread where it delays no request.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    #[cfg(feature = "simulation")]
    if STANDS_STILL.get() {
        return Ok(work());
    }
    spawn_blocking(work).await
}

/// Waits for a statement on SQLite, which its driver runs on a separate thread.
#[cfg(not(feature = "simulation"))]
pub(crate) const fn run_statement<F: Future>(running: F) -> F {
    running
}

/// Waits for a statement on SQLite, which its driver runs on a separate thread.
#[cfg(feature = "simulation")]
pub(crate) async fn run_statement<F: Future>(running: F) -> F::Output {
    if STANDS_STILL.get() {
        return still(running);
    }
    running.await
}

/// Blocks this thread until a future is done that other threads drive.
#[cfg(feature = "simulation")]
pub(crate) fn still<F: Future>(running: F) -> F::Output {
    // Without the runtime's budget: a future that is told to yield would be polled again at
    // once, forever.
    futures::executor::block_on(tokio::task::coop::unconstrained(running))
}
