//! The set-up of a new server, and this machine as its first runner.

use tokio::sync::{Notify, watch};

/// The events of a server's set-up.
#[derive(Debug)]
pub struct SetUp {
    /// Notified when the server got its administrator.
    pub done: Notify,
    /// True if this machine will become a runner; `None` until that is known.
    ///
    /// It becomes one as soon as a workspace exists.
    pub local_runner_is_ready: watch::Sender<Option<bool>>,
}

impl Default for SetUp {
    fn default() -> Self {
        Self {
            done: Notify::new(),
            local_runner_is_ready: watch::Sender::new(Some(false)),
        }
    }
}
