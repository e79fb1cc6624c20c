//! What is waited for on other threads.
//!
//! A simulation is repeatable only when nothing depends on which thread is faster, so there all of
//! it happens while its own thread stands still.

use tokio::task::{JoinError, spawn_blocking};

#[cfg(feature = "simulation")]
thread_local! {
    static STANDS_STILL: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// From now on this thread waits for all others, as simulations do.
#[cfg(feature = "simulation")]
pub fn stand_still() {
    STANDS_STILL.set(true);
}

/// Does work that blocks where it holds up no request.
pub(crate) async fn block<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    #[cfg(feature = "simulation")]
    if STANDS_STILL.get() {
        return Ok(work());
    }
    spawn_blocking(work).await
}

/// Waits for a statement on SQLite, which its driver runs on a thread of its own.
#[cfg(not(feature = "simulation"))]
pub(crate) const fn statement<F: Future>(running: F) -> F {
    running
}

/// Waits for a statement on SQLite, which its driver runs on a thread of its own.
#[cfg(feature = "simulation")]
pub(crate) async fn statement<F: Future>(running: F) -> F::Output {
    if STANDS_STILL.get() {
        return still(running);
    }
    running.await
}

/// Lets this thread stand still until a future is done that other threads drive.
#[cfg(feature = "simulation")]
pub(crate) fn still<F: Future>(running: F) -> F::Output {
    // Without the runtime's budget: a future that is told to yield would be asked again at once,
    // for ever.
    futures::executor::block_on(tokio::task::coop::unconstrained(running))
}
