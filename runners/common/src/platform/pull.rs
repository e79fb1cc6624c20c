//! Progress of an image's pull.

use tokio::sync::watch;

/// Progress in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PullStatus {
    /// Bytes that are here.
    pub done_bytes: u64,
    /// Known size in bytes; grows while more of the image is discovered.
    pub total_bytes: u64,
}

/// Receives the progress of a pull. Only the newest value counts, so it may be set often.
#[derive(Debug)]
pub struct PullProgress(watch::Sender<PullStatus>);

impl PullProgress {
    /// Creates one, with the receiver of its values.
    pub fn new() -> (Self, watch::Receiver<PullStatus>) {
        let (sender, receiver) = watch::channel(PullStatus::default());
        (Self(sender), receiver)
    }

    /// Sets the progress.
    pub fn report(&self, status: PullStatus) {
        self.0.send_replace(status);
    }
}
