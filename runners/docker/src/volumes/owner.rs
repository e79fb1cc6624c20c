//! New volumes for apps that are not root.
//!
//! The engine makes the folder of a volume for root. When it creates a container, it copies
//! owner and content of the image's folder into an empty volume, if the image has that folder.
//! Either way an app of another user may be unable to write there. So the folder of a volume
//! that was empty goes to the app's user. Copied content keeps its owner, as it does for
//! anyone who runs the image by hand: an image may mean some of its files to be read-only.

use bollard::{
    Docker,
    models::{ContainerCreateBody, MountVolumeOptions},
};
use models::{deployment::ImageDescription, runner::RunnerSpec, value::ContainerUser};
use runner_common::RunnerError;

use crate::{
    container_fs::{ContainerFs, users::is_root},
    files::Archive,
};

/// Returns the user who gets empty volumes.
///
/// `None` without volumes, or when the app runs as root, who writes anywhere.
pub(crate) fn heir<'spec>(
    spec: &'spec RunnerSpec,
    image: &'spec ImageDescription,
) -> Option<&'spec str> {
    let own = spec.user.as_ref().map(ContainerUser::as_str);
    let user = own.or(image.user.as_deref()).unwrap_or_default();
    (!spec.volumes.is_empty() && !is_root(user)).then_some(user)
}

/// Turns off the engine's copies into volumes, to see which of them are empty.
///
/// Once the engine has copied into one, nobody can tell that it was empty.
pub(crate) fn without_copies(mut body: ContainerCreateBody) -> ContainerCreateBody {
    let mounts = body
        .host_config
        .as_mut()
        .and_then(|host| host.mounts.as_mut());
    for mount in mounts.into_iter().flatten() {
        mount.volume_options = Some(MountVolumeOptions {
            no_copy: Some(true),
            ..MountVolumeOptions::default()
        });
    }
    body
}

/// Returns the paths of a stopped container's empty volumes, behind all links.
///
/// # Errors
/// When the engine refuses or does not answer.
pub(crate) async fn empty(
    docker: &Docker,
    container: &str,
    spec: &RunnerSpec,
) -> Result<Vec<String>, RunnerError> {
    let container_fs = ContainerFs::of(docker, container);
    let mut empty = Vec::new();
    for mount in &spec.volumes {
        // The engine mounts behind the links of the image.
        let Some(path) = container_fs.real_path(mount.path.as_str()).await? else {
            continue;
        };
        let folder = container_fs.folder(&path).await?;
        if folder.is_some_and(|folder| folder.is_empty) {
            empty.push(path);
        }
    }
    Ok(empty)
}

/// Gives folders of a stopped container to a user; they keep their mode.
///
/// # Errors
/// When the user does not exist in the image, or the engine refuses or does not answer.
pub(crate) async fn chown_to_app_user(
    docker: &Docker,
    container: &str,
    paths: &[String],
    user: &str,
) -> Result<(), RunnerError> {
    if paths.is_empty() {
        return Ok(());
    }
    let container_fs = ContainerFs::of(docker, container);
    let owner = container_fs.ids(user).await?;
    let mut archive = Archive::new();
    let mut is_needed = false;
    for path in paths {
        let folder = container_fs.folder(path).await?;
        let Some(folder) = folder.filter(|folder| folder.uid != owner.uid) else {
            continue;
        };
        is_needed = true;
        archive
            .folder(path, folder.mode & 0o7777, owner)
            .map_err(RunnerError::host)?;
    }
    if is_needed {
        archive.upload(docker, container).await?;
    }
    Ok(())
}
