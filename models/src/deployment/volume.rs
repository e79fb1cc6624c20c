//! Mounts of volumes inside a deployment's instance.

use garde::Validate;
use serde::{Deserialize, Serialize};

use super::SpecFile;
use crate::{VolumeId, value::ContainerPath};

/// The most volumes of one deployment.
pub const MAX_VOLUMES: usize = 20;

/// A volume, and the path of its mount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VolumeMount {
    /// The volume.
    #[garde(skip)]
    pub volume_id: VolumeId,
    /// The folder inside the instance; it hides the image's content at that path.
    #[garde(dive, custom(|path: &ContainerPath, (): &()| path.is_for_files()))]
    pub path: ContainerPath,
}

/// Checks that each volume occurs once, and that no mounts and files overlap.
pub(super) fn check_disjoint<F: SpecFile>(
    files: &[F],
) -> impl FnOnce(&Vec<VolumeMount>, &()) -> garde::Result {
    move |mounts, (): &()| {
        for (at, mount) in mounts.iter().enumerate() {
            let others = mounts.get(..at).unwrap_or_default();
            if others.iter().any(|o| o.volume_id == mount.volume_id) {
                return Err(garde::Error::new("A volume is listed twice. Remove one."));
            }
            let paths = others.iter().map(|other| &other.path);
            let mut paths = paths.chain(files.iter().map(SpecFile::path));
            if let Some(other) = paths.find(|other| overlap(&mount.path, other)) {
                return Err(garde::Error::new(format!(
                    "{} and {other} overlap. Choose paths that are not inside each other.",
                    mount.path
                )));
            }
        }
        Ok(())
    }
}

/// Checks that a deployment with volumes has one instance.
///
/// Two processes on one folder of data destroy it.
pub(super) fn check_single_instance(
    mounts: &[VolumeMount],
) -> impl FnOnce(&u16, &()) -> garde::Result {
    move |instances, (): &()| {
        if *instances > 1 && !mounts.is_empty() {
            return Err(garde::Error::new(
                "A volume can be attached to only one instance at a time. Run one instance, or \
                 remove the volumes.",
            ));
        }
        Ok(())
    }
}

/// True if the paths are equal or one is inside the other.
fn overlap(one: &ContainerPath, other: &ContainerPath) -> bool {
    let is_within = |inner: &ContainerPath, outer: &ContainerPath| {
        let rest = inner.as_str().strip_prefix(outer.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_within(one, other) || is_within(other, one)
}

#[cfg(test)]
mod tests {
    use garde::Validate;
    use serde_json::{Value, json};

    use crate::deployment::Spec;

    fn wrong(mut more: Value) -> String {
        more["image"] = json!("app");
        let spec: Spec = serde_json::from_value(more).unwrap();
        let report = spec.validate().err();
        report.map_or_else(String::new, |report| report.to_string())
    }

    fn volume(number: u128, path: &str) -> Value {
        json!({"volume_id": uuid::Uuid::from_u128(number), "path": path})
    }

    #[test]
    fn volumes_stand_apart_from_each_other_and_from_files() {
        let two = |a, b| wrong(json!({"volumes": [volume(1, a), volume(2, b)]}));
        assert_eq!(two("/data", "/database"), "");
        for (a, b) in [("/data", "/data"), ("/data", "/data/b"), ("/a/b/c", "/a")] {
            let found = two(a, b);
            assert!(
                found.contains("volumes: ") && found.contains("overlap"),
                "{a} {b}: {found}"
            );
        }
        let found = wrong(json!({"volumes": [volume(1, "/a"), volume(1, "/b")]}));
        assert!(found.contains("twice"), "{found}");
        let with_file = |path| {
            wrong(json!({
                "volumes": [volume(1, "/data")], "config_files": [{"path": path, "content": ""}],
            }))
        };
        assert_eq!(with_file("/data.toml"), "");
        for path in ["/data", "/data/app.toml"] {
            assert!(with_file(path).contains("overlap"), "{path}");
        }
    }

    #[test]
    fn a_volume_does_not_cover_the_system() {
        for path in [
            "/",
            "/proc",
            "/sys/fs",
            "/dev/shm",
            "/sbin",
            "/usr",
            "/etc/resolv.conf",
        ] {
            let found = wrong(json!({"volumes": [volume(1, path)]}));
            assert!(found.contains("volumes[0].path"), "{path}: {found}");
        }
    }

    #[test]
    fn a_deployment_with_volumes_has_one_instance() {
        let with = |volumes: &[Value], instances| {
            wrong(json!({"volumes": volumes, "instances": instances}))
        };
        assert_eq!(with(&[volume(1, "/data")], 1), "");
        assert_eq!(with(&[], 2), "");
        let found = with(&[volume(1, "/data")], 2);
        assert!(found.starts_with("instances: "), "{found}");
    }

    #[test]
    fn twenty_volumes_are_enough() {
        let many = |count: u128| {
            let volumes: Vec<_> = (0..count).map(|n| volume(n, &format!("/{n}"))).collect();
            wrong(json!({"volumes": volumes}))
        };
        assert_eq!(many(20), "");
        assert!(many(21).starts_with("volumes: "));
    }
}
