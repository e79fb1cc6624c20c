//! Folders inside a mounted volume that an image declares as volumes.
//!
//! For every folder that an image declares as a volume, and that is not mounted otherwise, the
//! engine makes an anonymous volume, which goes with its container. Inside a mounted volume
//! such a folder would hide a part of it: the app writes there, and all of it is lost with the
//! container.

use models::deployment::{FailureCode, ImageDescription, VolumeMount};
use runner_common::RunnerError;

/// Checks that no volume of the image hides a part of a mounted one.
///
/// # Errors
/// The first folder that would, and where to mount instead.
pub(crate) fn check(mounts: &[VolumeMount], image: &ImageDescription) -> Result<(), RunnerError> {
    for folder in image.unmounted_volumes(mounts) {
        let mut paths = mounts.iter().map(|mount| mount.path.as_str());
        if let Some(path) = paths.find(|path| is_inside(&folder, path)) {
            return Err(RunnerError::user(
                FailureCode::VolumeHiddenByImage,
                format!(
                    "The image declares {folder} as a volume, so data the app writes there would \
                     not be stored in the volume at {path}. Mount the volume at {folder} instead."
                ),
            ));
        }
    }
    Ok(())
}

/// True if one path lies below another one.
fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use models::{
        VolumeId,
        deployment::{FailureCode, Fault, ImageDescription, VolumeMount},
        value::ContainerPath,
    };
    use runner_common::{Retry, RunnerError};
    use uuid::Uuid;

    use super::check;

    fn checked(mounts: &[&str], declared: &[&str]) -> Result<(), RunnerError> {
        let mounts: Vec<_> = mounts
            .iter()
            .map(|path| VolumeMount {
                volume_id: VolumeId::from_uuid(Uuid::from_u128(1)),
                path: ContainerPath::new(*path).unwrap(),
            })
            .collect();
        let image = ImageDescription {
            volumes: declared.iter().map(|&path| path.to_owned()).collect(),
            ..ImageDescription::default()
        };
        check(&mounts, &image)
    }

    #[test]
    fn a_folder_of_the_images_own_inside_a_volume_is_refused_in_every_spelling() {
        for declared in [
            "/var/lib/postgresql/data",
            "/var/lib/postgresql/data/",
            "//var/lib/./postgresql/x/../data",
            "var/lib/postgresql/data",
        ] {
            let error = checked(&["/srv", "/var/lib/postgresql"], &["/other", declared])
                .expect_err(declared);
            assert_eq!(
                (error.code.clone(), error.fault, error.retry),
                (FailureCode::VolumeHiddenByImage, Fault::User, Retry::Never)
            );
            let says = "Mount the volume at /var/lib/postgresql/data instead.";
            assert!(error.message.ends_with(says), "{error}");
        }
        checked(&["/a"], &["/a/b/c"]).unwrap_err();
        let deeper = checked(&["/a", "/a/b/c"], &["/a/b"]);
        deeper.expect_err("the rest of it is hidden all the same");
    }

    #[test]
    fn a_declared_volume_that_hides_no_other_is_allowed() {
        for (mounts, declared) in [
            (&[][..], &["/data"][..]),
            (&["/data"], &[]),
            (&["/data"], &["/data", "/data/"]),
            (&["/data"], &["/database", "/other"]),
            (&["/data", "/data/inner"], &["/data/inner"]),
            (&["/data/inner"], &["/data", "/"]),
        ] {
            checked(mounts, declared).unwrap();
        }
    }
}
