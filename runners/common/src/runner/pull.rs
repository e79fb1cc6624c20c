//! Progress of an image's pull.

use tokio::sync::watch;

/// Progress in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Bytes that are here.
    pub done_bytes: u64,
    /// Known size in bytes; grows while more of the image is discovered.
    pub total_bytes: u64,
}

/// Receives the progress of a pull. Only the newest value counts, so it may be set often.
#[derive(Debug)]
pub struct PullProgress(watch::Sender<Pulled>);

impl PullProgress {
    /// Creates one, with the receiver of its values.
    pub fn new() -> (Self, watch::Receiver<Pulled>) {
        let (sender, receiver) = watch::channel(Pulled::default());
        (Self(sender), receiver)
    }

    /// Sets the progress.
    pub fn note(&self, pulled: Pulled) {
        self.0.send_replace(pulled);
    }
}
