//! Workloads: the desired state of deployments and runs, as sent to a runner.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::{MAX_ROUTES, RegistryCredential, Route, RunnerSpec, WatchedTag, route::lead_to_ports};
use crate::{
    DeploymentId, EnvironmentId, ReleaseId, RunId, VolumeId,
    deployment::{DesiredState, VolumeMount},
    run::RunTerms,
    value::{ImageDigest, ImageReference, ResourceName},
};

/// The identity of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadId {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// The run of the deployment; `None` for the deployment itself.
    pub run_id: Option<RunId>,
}

impl From<DeploymentId> for WorkloadId {
    fn from(deployment_id: DeploymentId) -> Self {
        Self {
            deployment_id,
            run_id: None,
        }
    }
}

/// A deployment or a run, as its runner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[garde(custom(is_a_task))]
pub struct Workload {
    /// The deployment.
    #[garde(skip)]
    pub deployment_id: DeploymentId,
    /// A number that grows with each change. A runner refuses one older than it has seen.
    #[garde(range(min = 1))]
    pub generation: i64,
    /// The desired state.
    #[garde(skip)]
    pub desired: DesiredState,
    /// The release to run; absent if nothing was ever live and nothing is under way.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<WorkloadRelease>,
    /// The tag to watch; it may change while the generation stays the same.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched_tag: Option<WatchedTag>,
    /// The run of the deployment that this is; absent for the deployment itself.
    ///
    /// Sent only to runners that [support runs](super::RunnerInfo::runs): others would take it
    /// for the deployment.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<WorkloadRun>,
    /// The private network that its instances join.
    ///
    /// Servers that do not know the field send none. The instances are then on the network that
    /// all such apps of the host share, where they cannot reach each other.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<WorkloadNetwork>,
}

impl Workload {
    /// Returns the identity of the workload.
    pub fn id(&self) -> WorkloadId {
        WorkloadId {
            deployment_id: self.deployment_id,
            run_id: self.run.map(|run| run.run_id),
        }
    }

    /// True if it asks for a release that was never live; a run has no such release.
    pub fn is_rollout(&self) -> bool {
        let is_new = self.release.as_ref().is_some_and(|release| !release.live);
        self.run.is_none() && self.desired == DesiredState::Running && is_new
    }
}

/// A workload's place on the private network of its environment.
///
/// It is not part of the release. When it changes, the runner replaces the instances.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkloadNetwork {
    /// The environment, whose workloads on one runner share the network.
    #[garde(skip)]
    pub environment_id: EnvironmentId,
    /// The host name of its instances on the network: the deployment's name.
    ///
    /// A run joins the network under no name.
    #[garde(dive)]
    pub host_name: ResourceName,
}

/// A run: the release's settings are tried until an attempt exits with code 0.
///
/// [`Workload::desired`] is `running` until the run has ended, and `deleted` from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkloadRun {
    /// The run.
    #[garde(skip)]
    pub run_id: RunId,
    /// The rules by which it is tried.
    #[garde(dive)]
    pub terms: RunTerms,
    /// The number of the newest attempt that the server knows of; 0 if there was none.
    ///
    /// A runner that lost its own records does not begin that attempt again.
    #[garde(skip)]
    #[serde(default)]
    pub attempts_begun: u16,
}

/// A release to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkloadRelease {
    /// The release; two workloads with the same release run the same.
    #[garde(skip)]
    pub release_id: ReleaseId,
    /// True if the release was already live.
    ///
    /// Otherwise, the runner must verify it and report each phase. Only then does it replace
    /// the instances of other releases.
    #[garde(skip)]
    pub live: bool,
    /// The settings to run.
    #[garde(dive)]
    pub spec: RunnerSpec,
    /// The current instance count, within the range of the specification. The minimum if
    /// absent.
    ///
    /// It is not part of the release: the runner adds or removes instances, and does not touch
    /// the others.
    #[garde(inner(custom(is_within(&self.spec))))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instances: Option<u16>,
    /// The digest of the image at the time when the release became live.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<ImageDigest>,
    /// The volumes that must already exist on the host, because an app has used them.
    ///
    /// If one is missing, its data is lost or away: the runner starts nothing and does not
    /// create an empty volume in its place. The list is not part of the release. Servers that
    /// do not know the field list none.
    #[garde(custom(are_mounted(&self.spec)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected_volumes: Vec<VolumeId>,
    /// The newest credential for the registry of the image.
    ///
    /// It is not part of the release: it may change while release and generation stay the same.
    #[garde(dive, custom(is_for(&self.spec.image)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_credential: Option<RegistryCredential>,
    /// The requests that reach the app. Servers that do not know the field send none.
    #[garde(dive, length(max = MAX_ROUTES), custom(lead_to_ports(&self.spec)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
}

impl WorkloadRelease {
    /// Returns the desired instance count.
    pub fn instance_count(&self) -> usize {
        self.spec.clamp_instances(self.instances).into()
    }

    /// Marks all volumes of the release as expected, once instances use them.
    pub fn expect_all(&mut self) {
        let mounts = self.spec.volumes.iter();
        self.expected_volumes = mounts.map(|mount| mount.volume_id).collect();
    }

    /// Returns the mounts of the volumes that must already exist on the host.
    pub fn expected_mounts(&self) -> impl Iterator<Item = &VolumeMount> {
        let mounts = self.spec.volumes.iter();
        mounts.filter(|mount| self.expected_volumes.contains(&mount.volume_id))
    }
}

/// Checks that a run is one instance without ports and volumes, until its removal.
fn is_a_task(workload: &Workload, (): &()) -> garde::Result {
    let is_task = |release: &WorkloadRelease| {
        let spec = &release.spec;
        spec.instances == 1
            && spec.max_instances.is_none()
            && spec.ports.is_empty()
            && spec.volumes.is_empty()
    };
    let release = workload.release.as_ref();
    let fits = match workload.desired {
        _ if workload.run.is_none() => true,
        DesiredState::Running => release.is_some_and(is_task),
        DesiredState::Stopped => false,
        DesiredState::Deleted => release.is_none(),
    };
    if fits {
        Ok(())
    } else {
        Err(garde::Error::new(
            "A run is one instance without ports and volumes, or is to be removed.",
        ))
    }
}

/// Checks that the instance count is within the range of the release.
fn is_within(spec: &RunnerSpec) -> impl FnOnce(&u16, &()) -> garde::Result + '_ {
    move |count, (): &()| {
        if spec.clamp_instances(Some(*count)) == *count {
            Ok(())
        } else {
            Err(garde::Error::new(
                "The instance count is outside the range that the release allows.",
            ))
        }
    }
}

/// Checks that each expected volume is one of the release.
fn are_mounted(spec: &RunnerSpec) -> impl FnOnce(&Vec<VolumeId>, &()) -> garde::Result + '_ {
    move |volume_ids, (): &()| {
        let is_mounted = |id: &VolumeId| spec.volumes.iter().any(|mount| mount.volume_id == *id);
        if volume_ids.len() <= spec.volumes.len() && volume_ids.iter().all(is_mounted) {
            Ok(())
        } else {
            Err(garde::Error::new(
                "The workload expects a volume that the release does not mount.",
            ))
        }
    }
}

/// Checks that a credential is for the registry of the image. No other registry may get it.
pub(super) fn is_for(
    image: &ImageReference,
) -> impl FnOnce(&Option<RegistryCredential>, &()) -> garde::Result + '_ {
    move |credential, ()| match credential {
        Some(credential) if credential.host != image.registry() => Err(garde::Error::new(
            "The credential is for a different registry than the image's.",
        )),
        _ => Ok(()),
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
            assert_eq!(release.instance_count(), wanted);
        }
        for wrong in [0, 1, 5, u16::MAX] {
            assert!(release(Some(wrong)).validate().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_run_is_one_instance_without_ports_and_volumes() {
        let id = uuid::Uuid::from_u128(1);
        let run = |desired: &str, spec: Option<serde_json::Value>| {
            let release = spec.map(|mut spec| {
                spec["image"] = "app".into();
                serde_json::json!({"release_id": id, "live": false, "spec": spec})
            });
            let workload = serde_json::json!({
                "deployment_id": id, "generation": 1, "desired": desired, "release": release,
                "run": {"run_id": id, "terms": {"timeout_ms": 1_000, "retries": 0}},
            });
            serde_json::from_value::<super::Workload>(workload).unwrap()
        };
        let plain = || Some(serde_json::json!({}));
        assert!(run("running", plain()).validate().is_ok());
        assert!(run("deleted", None).validate().is_ok());
        for wrong in [
            run("stopped", plain()),
            run("running", None),
            run("deleted", plain()),
            run("running", Some(serde_json::json!({"instances": 2}))),
            run(
                "running",
                Some(serde_json::json!({"ports": [{"number": 80}]})),
            ),
        ] {
            assert!(wrong.validate().is_err(), "{wrong:?}");
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
}
