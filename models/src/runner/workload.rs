//! What a runner should make true.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::{RegistryCredential, WatchedTag};
use crate::{
    DeploymentId, ReleaseId, VolumeId,
    deployment::{DesiredState, Spec, VolumeMount},
    value::{self, ImageReference},
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
    /// The tag to keep an eye on; it may change while the generation stays.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched_tag: Option<WatchedTag>,
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
    /// How many instances of it run now, within the range of its specification; the fewest of that
    /// when absent. It is no part of the release: the runner adds or takes away instances, and
    /// leaves the others alone.
    #[garde(inner(custom(is_within(&self.spec))))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<u16>,
    /// The digest that the image had when the release became live.
    #[garde(inner(custom(|text: &String, (): &()| is_digest(text))))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    /// The volumes that must be on the machine already, because an app has used them. When one of
    /// them is not there, its data is lost or away: the runner starts nothing and makes no empty one
    /// in its place. It is no part of the release. A server that does not know of this names none.
    #[garde(custom(are_mounted(&self.spec)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_volumes: Vec<VolumeId>,
    /// The newest credential for the registry of its image. It is no part of the release: it may
    /// change while release and generation stay.
    #[garde(dive, custom(is_for(&self.spec.image)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_credential: Option<RegistryCredential>,
}

impl WorkloadRelease {
    /// How many instances should run.
    pub fn wanted(&self) -> usize {
        self.spec.instances_near(self.instances).into()
    }

    /// Expects every volume from now on: instances of it have them.
    pub fn expect_all(&mut self) {
        let mounts = self.spec.volumes.iter();
        self.expected_volumes = mounts.map(|mount| mount.volume_id).collect();
    }

    /// The mounts of the volumes that must be on the machine already.
    pub fn expected_mounts(&self) -> impl Iterator<Item = &VolumeMount> {
        let mounts = self.spec.volumes.iter();
        mounts.filter(|mount| self.expected_volumes.contains(&mount.volume_id))
    }
}

/// Nobody makes a runner start more than the release may have.
fn is_within(spec: &Spec) -> impl FnOnce(&u16, &()) -> garde::Result + '_ {
    move |count, (): &()| {
        if spec.instances_near(Some(*count)) == *count {
            Ok(())
        } else {
            Err(garde::Error::new(
                "There are fewer or more instances than the release may have.",
            ))
        }
    }
}

/// Each expected volume is one of the release.
fn are_mounted(spec: &Spec) -> impl FnOnce(&Vec<VolumeId>, &()) -> garde::Result + '_ {
    move |volume_ids, (): &()| {
        let is_mounted = |id: &VolumeId| spec.volumes.iter().any(|mount| mount.volume_id == *id);
        if volume_ids.len() <= spec.volumes.len() && volume_ids.iter().all(is_mounted) {
            Ok(())
        } else {
            Err(garde::Error::new(
                "A volume is expected that the release does not mount.",
            ))
        }
    }
}

/// No registry is shown the credential for another one, whoever asks for it.
pub(super) fn is_for(
    image: &ImageReference,
) -> impl FnOnce(&Option<RegistryCredential>, &()) -> garde::Result + '_ {
    move |credential, ()| match credential {
        Some(credential) if credential.host != image.registry() => Err(garde::Error::new(
            "The credential is for another registry than the image's.",
        )),
        _ => Ok(()),
    }
}

/// A digest goes into the platform's own addresses, so it must be one.
pub(super) fn is_digest(text: &str) -> garde::Result {
    if value::is_digest(text) {
        Ok(())
    } else {
        Err(garde::Error::new("This is not a digest."))
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;

    use super::WorkloadRelease;

    #[test]
    fn a_credential_is_for_the_registry_of_the_image() {
        let release = |image: &str, host: &str| {
            serde_json::from_value::<WorkloadRelease>(serde_json::json!({
                "release_id": "01890000-0000-7000-8000-000000000001",
                "live": true,
                "spec": {"image": image},
                "registry_credential": {"host": host, "user_name": "ada", "password": "canary"},
            }))
            .unwrap()
        };
        for (image, host) in [
            ("ghcr.io/app", "ghcr.io"),
            ("app", "docker.io"),
            ("registry-1.docker.io/app", "index.docker.io"),
            ("127.0.0.1:5000/app:1", "127.0.0.1:5000"),
        ] {
            let release = release(image, host);
            assert!(release.validate().is_ok(), "{image} from {host}");
            assert!(!format!("{release:?}").contains("canary"));
        }
        for (image, host) in [
            ("app", "ghcr.io"),
            ("ghcr.io/app", "docker.io"),
            ("ghcr.io/app", "ghcr.io:443"),
            ("127.0.0.1:5000/app:1", "127.0.0.1:5001"),
            ("ghcr.io.example.org/app", "ghcr.io"),
        ] {
            assert!(
                release(image, host).validate().is_err(),
                "{image} from {host}"
            );
        }
    }

    #[test]
    fn the_number_of_instances_is_within_the_range_of_the_release() {
        let release = |count: Option<u16>| {
            serde_json::from_value::<WorkloadRelease>(serde_json::json!({
                "release_id": "01890000-0000-7000-8000-000000000001",
                "live": true,
                "spec": {"image": "app", "instances": 2, "max_instances": 4},
                "instances": count,
            }))
            .unwrap()
        };
        for (count, wanted) in [(None, 2), (Some(2), 2), (Some(4), 4)] {
            let release = release(count);
            assert!(release.validate().is_ok(), "{count:?} was refused");
            assert_eq!(release.wanted(), wanted);
        }
        for wrong in [0, 1, 5, u16::MAX] {
            assert!(release(Some(wrong)).validate().is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_volumes_of_the_release_are_expected() {
        let [mounted, other] = [1, 2].map(uuid::Uuid::from_u128);
        let release = |expected: &[uuid::Uuid]| {
            serde_json::from_value::<WorkloadRelease>(serde_json::json!({
                "release_id": "01890000-0000-7000-8000-000000000001",
                "live": true,
                "spec": {"image": "app", "volumes": [{"volume_id": mounted, "path": "/data"}]},
                "expected_volumes": expected,
            }))
            .unwrap()
        };
        for (expected, mounts) in [(&[][..], 0), (&[mounted][..], 1)] {
            let release = release(expected);
            assert!(release.validate().is_ok(), "{expected:?}");
            assert_eq!(release.expected_mounts().count(), mounts);
        }
        for wrong in [&[other][..], &[mounted, other], &[mounted, mounted]] {
            assert!(release(wrong).validate().is_err(), "{wrong:?}");
        }
    }

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
