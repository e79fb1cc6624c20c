//! The tag of a deployment's image, and its digest in the registry.

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::{
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};

/// The result of a runner's last check of a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TagStatus {
    /// The time of the last check.
    pub checked_at: Timestamp,
    /// The digest of the tag at the last successful check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<ImageDigest>,
    /// True after a roll back. Auto-deploy ignores the current image until the tag moves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_held: bool,
    /// The reason for a failed last check; absent if it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

/// Checks that an image has a tag to watch, if auto-deploy is requested.
///
/// # Errors
/// If the image is pinned to a digest.
pub fn check_watchable(
    image: &ImageReference,
) -> impl FnOnce(&Option<bool>, &()) -> garde::Result + '_ {
    move |wanted, ()| {
        if *wanted != Some(true) || image.tag().is_some() {
            return Ok(());
        }
        Err(garde::Error::new(
            "The image is pinned to a digest, which never changes. Use a tag instead, or turn \
             auto-deploy off.",
        ))
    }
}
