//! Tasks that end with their owner.

use tokio_util::task::AbortOnDropHandle;

/// Spawns a future; dropping the handle aborts it.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts tasks: with a handle that nobody can forget to keep"
)]
pub(crate) fn spawn_owned<F>(future: F) -> AbortOnDropHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    AbortOnDropHandle::new(tokio::spawn(future))
}
