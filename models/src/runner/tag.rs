//! Tags that a runner keeps an eye on, because a deployment deploys when they move.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::{
    RegistryCredential,
    workload::{is_digest, is_for},
};
use crate::{DeploymentId, deployment::Failure, value::ImageReference};

/// How often a runner asks a registry what a tag means, about, in milliseconds.
pub const LOOK_INTERVAL_MS: u64 = 5 * 60_000;

/// A tag to keep an eye on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WatchedTag {
    /// The image that names it. One that is named by its digest has no tag that could move.
    #[garde(dive, custom(has_a_tag))]
    pub image: ImageReference,
    /// The newest credential for its registry.
    #[garde(dive, custom(is_for(&self.image)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_credential: Option<RegistryCredential>,
    /// Grows whenever it should be looked at now, and not when its turn has come.
    #[garde(skip)]
    pub look: i64,
}

/// What a runner found when it asked what a tag means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TagReport {
    /// The deployment that watches it.
    #[garde(skip)]
    pub deployment_id: DeploymentId,
    /// The image that was asked for, as [`WatchedTag::image`] named it.
    #[garde(skip)]
    pub image: ImageReference,
    /// The [`WatchedTag::look`] that this answers.
    #[garde(skip)]
    pub look: i64,
    /// What the tag means; absent when that could not be learnt.
    #[garde(inner(custom(|text: &String, (): &()| is_digest(text))))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Why not.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

fn has_a_tag(image: &ImageReference, (): &()) -> garde::Result {
    if image.digest().is_none() {
        return Ok(());
    }
    Err(garde::Error::new(
        "An image that is named by its digest has no tag that could move.",
    ))
}

#[cfg(test)]
mod tests {
    use garde::Validate;

    use super::{TagReport, WatchedTag};

    #[test]
    fn only_what_has_a_tag_is_watched_and_with_the_credential_of_its_own_registry() {
        let is_taken = |image: &str, host: &str| {
            let tag: WatchedTag = serde_json::from_value(serde_json::json!({
                "image": image,
                "registry_credential": {"host": host, "user_name": "ada", "password": "canary"},
                "look": 1,
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

    #[test]
    fn what_a_tag_means_is_a_digest() {
        let is_taken = |digest: &str| {
            let report: TagReport = serde_json::from_value(serde_json::json!({
                "deployment_id": "01890000-0000-7000-8000-000000000001",
                "image": "app",
                "look": 1,
                "digest": digest,
            }))
            .unwrap();
            report.validate().is_ok()
        };
        assert!(is_taken(&format!("sha256:{}", "0a".repeat(32))));
        for wrong in ["", "latest", "sha256:00", "sha256:../../../containers/json"] {
            assert!(!is_taken(wrong), "{wrong:?} was taken");
        }
    }
}
