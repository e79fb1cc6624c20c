//! How far the pull of an image is.

use tokio::sync::watch;

/// Bytes of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Bytes that are here.
    pub done_bytes: u64,
    /// Bytes there are in all, as far as is known; grows while more of the image is discovered.
    pub total_bytes: u64,
}

/// Takes note of how far a pull is. Only the newest note counts, so it may be written often.
#[derive(Debug)]
pub struct PullProgress(watch::Sender<Pulled>);

impl PullProgress {
    /// A fresh one, and where its notes can be read.
    pub fn new() -> (Self, watch::Receiver<Pulled>) {
        let (sender, receiver) = watch::channel(Pulled::default());
        (Self(sender), receiver)
    }

    /// Notes how far it is.
    pub fn note(&self, pulled: Pulled) {
        self.0.send_replace(pulled);
    }
}
