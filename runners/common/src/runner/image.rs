//! Images that are ready to be started.

use models::{deployment::ImageDescription, time::Timestamp};

/// An image that is on the platform, as [`Runner::pull`](super::Runner::pull) returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadyImage {
    /// The digest, `sha256:` and 64 hex digits.
    pub digest: String,
    /// The facts of the image.
    pub description: ImageDescription,
    /// The place that the image came from.
    pub origin: ImageOrigin,
}

/// The place that an image came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageOrigin {
    /// The image's registry.
    Registry,
    /// The machine itself, which had the image before.
    LocalCopy {
        /// When the image was built; absent when it does not say.
        created_at: Option<Timestamp>,
    },
}
