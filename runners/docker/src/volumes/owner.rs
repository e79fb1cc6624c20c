//! New volumes for apps that are not root.
//!
//! The engine makes the folder of a volume for root. It copies owner and content of the image's folder
//! into an empty volume, but only where the image has that folder; elsewhere an app of another user
//! could not write into its own volume.

use bollard::Docker;
use models::{
    deployment::{ImageDescription, Spec},
    value::ContainerUser,
};
use runner_common::RunnerError;

use crate::{
    files::Archive,
    inside::{Inside, users::is_root},
};

/// Gives the empty volumes of a container that does not run yet to the user that its app runs as. A
/// volume with anything in it keeps its owner, and so does everything when the app runs as root.
///
/// # Errors
/// When the user is nobody in the image, or the engine refuses or does not answer.
pub(crate) async fn hand_over(
    docker: &Docker,
    container: &str,
    spec: &Spec,
    image: &ImageDescription,
) -> Result<(), RunnerError> {
    let own = spec.user.as_ref().map(ContainerUser::as_str);
    let user = own.or(image.user.as_deref()).unwrap_or_default();
    if spec.volumes.is_empty() || is_root(user) {
        return Ok(());
    }
    let inside = Inside::of(docker, container);
    let owner = inside.ids(user).await?;
    let mut archive = Archive::new();
    let mut is_needed = false;
    for mount in &spec.volumes {
        let path = mount.path.as_str();
        let folder = inside.folder(path).await?;
        let Some(folder) = folder.filter(|folder| folder.is_empty && folder.uid != owner.uid)
        else {
            continue;
        };
        is_needed = true;
        archive
            .folder(path, folder.mode & 0o7777, owner)
            .map_err(RunnerError::machine)?;
    }
    if is_needed {
        archive.upload(docker, container).await?;
    }
    Ok(())
}
