//! Tasks that end with whoever waits for them.

use tokio_util::task::AbortOnDropHandle;

/// Runs a future beside its owner; dropping the handle ends it.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts tasks: with a handle that nobody can forget to keep"
)]
pub(crate) fn owned<F>(future: F) -> AbortOnDropHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    AbortOnDropHandle::new(tokio::spawn(future))
}
