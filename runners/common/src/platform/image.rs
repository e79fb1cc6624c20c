//! Images that are ready to start.

use std::collections::HashSet;

use models::{
    deployment::ImageDescription,
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};

/// An image on the platform, as a [pull](super::InstancePlatform::pull) returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadyImage {
    /// Digest, or the platform's own id of an image that has none.
    pub digest: ImageDigest,
    /// Facts of the image.
    pub description: ImageDescription,
    /// Source of the image.
    pub origin: ImageOrigin,
}

impl ReadyImage {
    /// An image without facts, for a platform whose programs are no images.
    pub fn without_facts(digest: ImageDigest) -> Self {
        Self {
            digest,
            description: ImageDescription::default(),
            origin: ImageOrigin::LocalCopy {
                created_at: None,
                provenance: Provenance::Host,
            },
        }
    }
}

/// Source of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageOrigin {
    /// The image's registry.
    Registry,
    /// The host, which had the image before.
    LocalCopy {
        /// Build time of the image; absent when it names none.
        created_at: Option<Timestamp>,
        /// Provenance of the copy.
        provenance: Provenance,
    },
}

/// Provenance of an image on the host under the requested name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// This runner pulled it from the repository of that name.
    ThisRunner,
    /// Pulled from its registry, or pushed to it, as far as the platform knows.
    ///
    /// Someone with another credential may have done so.
    Registry,
    /// Named on the host only, as an image that was built there.
    Host,
}

/// Images that must stay on the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededImages {
    /// Digests that a release ran.
    pub digests: HashSet<ImageDigest>,
    /// Desired names, whatever they mean on the platform now.
    pub images: Vec<ImageReference>,
    /// Images pulled at this moment or later stay too.
    pub pulled_before: Timestamp,
}
