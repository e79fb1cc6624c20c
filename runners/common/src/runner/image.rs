//! Images that are ready to be started.

use std::collections::HashSet;

use models::{deployment::ImageDescription, time::Timestamp, value::ImageReference};

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

impl ReadyImage {
    /// One of a platform whose programs are no images: nothing describes them.
    pub fn undescribed(digest: String) -> Self {
        Self {
            digest,
            description: ImageDescription::default(),
            origin: ImageOrigin::LocalCopy {
                created_at: None,
                provenance: Provenance::Machine,
            },
        }
    }
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
        /// How the image came to be on the machine.
        provenance: Provenance,
    },
}

/// How an image came to be on the machine under the name that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// This runner pulled it from the repository of that name.
    ThisRunner,
    /// It was pulled from its registry, or pushed to it, as far as the platform knows. Somebody with
    /// another credential may have done so.
    Registry,
    /// It has the name on the machine only, as an image that was built there.
    Machine,
}

/// Images that must stay on the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededImages {
    /// By the digest that a release ran.
    pub digests: HashSet<String>,
    /// By the name that should run, whatever it means on the platform now.
    pub images: Vec<ImageReference>,
    /// An image that was pulled at this moment or later stays too.
    pub pulled_before: Timestamp,
}
