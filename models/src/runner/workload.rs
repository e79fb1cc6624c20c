//! What a runner should make true.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    DeploymentId, ReleaseId,
    deployment::{DesiredState, Spec},
};

/// One deployment, as its runner is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Workload {
    /// The deployment.
    #[garde(skip)]
    pub deployment_id: DeploymentId,
    /// Grows with every change; a runner refuses an older one than it has seen.
    #[garde(range(min = 1))]
    pub generation: i64,
    /// What should be true.
    #[garde(skip)]
    pub desired: DesiredState,
    /// What should run; absent when nothing was ever live and nothing is under way.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<WorkloadRelease>,
}

/// The release that should run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkloadRelease {
    /// The release; two workloads with the same release run the same thing.
    #[garde(skip)]
    pub release_id: ReleaseId,
    /// Whether it was live already. One that was not must be verified, reported phase by phase,
    /// and takes over from the instances of other releases only then.
    #[garde(skip)]
    pub live: bool,
    /// What it runs.
    #[garde(dive)]
    pub spec: Spec,
    /// The digest that the image had when the release became live.
    #[garde(inner(custom(|text: &String, (): &()| is_digest(text))))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
}

/// A digest goes into the platform's own addresses, so it must be one.
fn is_digest(text: &str) -> garde::Result {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    match text.strip_prefix("sha256:") {
        Some(hex) if hex.len() == 64 && hex.bytes().all(is_hex) => Ok(()),
        _ => Err(garde::Error::new("This is not a digest.")),
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;

    use super::WorkloadRelease;

    #[test]
    fn a_digest_is_a_digest() {
        let release = |digest: &str| {
            serde_json::from_value::<WorkloadRelease>(serde_json::json!({
                "release_id": "01890000-0000-7000-8000-000000000001",
                "live": true,
                "spec": {"image": "app"},
                "image_digest": digest,
            }))
            .unwrap()
            .validate()
        };
        assert!(release(&format!("sha256:{}", "0a".repeat(32))).is_ok());
        for wrong in [
            "",
            "latest",
            "sha256:00",
            "../../containers",
            "sha256:../../containers/x/json",
        ] {
            assert!(release(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
