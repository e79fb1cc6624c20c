//! Tags that a runner watches for auto-deploy.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::{RegistryCredential, workload::is_for};
use crate::{
    DeploymentId,
    deployment::Failure,
    value::{ImageDigest, ImageReference},
};

/// The approximate time between two checks of a tag, in milliseconds.
pub const TAG_POLL_INTERVAL_MS: u64 = 5 * 60_000;

/// A tag to watch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WatchedTag {
    /// The image that names the tag. An image with a digest has no tag that could move.
    #[garde(dive, custom(has_tag))]
    pub image: ImageReference,
    /// The newest credential for the image's registry.
    #[garde(dive, custom(is_for(&self.image)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_credential: Option<RegistryCredential>,
    /// A number that grows to request a check of the tag at once, off schedule.
    #[garde(skip)]
    #[serde(alias = "look")]
    pub poll_serial: i64,
}

/// The result of asking a registry for a tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TagReport {
    /// The deployment that watches the tag.
    pub deployment_id: DeploymentId,
    /// The image that was requested, as named by [`WatchedTag::image`].
    pub image: ImageReference,
    /// The [`WatchedTag::poll_serial`] that this report answers.
    pub poll_serial: i64,
    /// The digest of the tag; absent if it could not be resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<ImageDigest>,
    /// The reason for a failure; absent if the tag was resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

fn has_tag(image: &ImageReference, (): &()) -> garde::Result {
    if image.digest().is_none() {
        return Ok(());
    }
    Err(garde::Error::new(
        "An image pinned to a digest has no tag to watch.",
    ))
}

#[cfg(test)]
mod tests {
    use garde::Validate;

    use super::WatchedTag;

    #[test]
    fn only_tags_are_watched_with_the_credential_of_their_registry() {
        let is_taken = |image: &str, host: &str| {
            let tag: WatchedTag = serde_json::from_value(serde_json::json!({
                "image": image,
                "registry_credential": {"host": host, "user_name": "ada", "password": "canary"},
                "poll_serial": 1,
            }))
            .unwrap();
            tag.validate().is_ok()
        };
        assert!(is_taken("ghcr.io/app:1", "ghcr.io"));
        assert!(is_taken("app", "docker.io"));
        assert!(!is_taken("ghcr.io/app:1", "docker.io"));
        let pinned = format!("ghcr.io/app:1@sha256:{}", "0".repeat(64));
        assert!(!is_taken(&pinned, "ghcr.io"));
    }
}
