//! A container without mounts that never starts: a look into its image.

use bollard::{
    Docker, errors::Error, models::ContainerCreateBody,
    query_parameters::CreateContainerOptionsBuilder,
};
use runner_common::RunnerError;

use crate::{container_fs::ContainerFs, error};

/// Entry point of a container that never starts.
const NOTHING: &str = "/";

/// Creates the container without its mounts and its working folder; returns its id.
///
/// It bears the instance's name and labels: if the caller is canceled, the leftover is removed
/// like any half-made instance.
///
/// # Errors
/// When the engine refuses or does not answer.
pub(crate) async fn create(
    docker: &Docker,
    name: &str,
    mut body: ContainerCreateBody,
) -> Result<String, Error> {
    body.working_dir = Some("/".to_owned());
    body.entrypoint = Some(vec![NOTHING.to_owned()]);
    body.cmd = None;
    if let Some(host) = &mut body.host_config {
        host.mounts = Some(Vec::new());
    }
    let options = CreateContainerOptionsBuilder::default().name(name).build();
    let created = docker.create_container(Some(options), body).await?;
    Ok(created.id)
}

/// Replaces the targets of mounts by their paths behind the image's links.
///
/// Newer engines start a container with a volume at `/var/run/app`, where `/var/run` is a link
/// to `/run`, but cannot read or write any file of it
/// (<https://github.com/moby/moby/issues/52653>).
///
/// # Errors
/// When the engine refuses or does not answer.
pub(crate) async fn resolve_mounts(
    docker: &Docker,
    name: &str,
    body: &mut ContainerCreateBody,
) -> Result<(), RunnerError> {
    let created = create(docker, name, body.clone()).await;
    let container = created.map_err(error::refused)?;
    let container_fs = ContainerFs::of(docker, &container);
    let mounts = body
        .host_config
        .as_mut()
        .and_then(|host| host.mounts.as_mut());
    let mut resolved = Ok(());
    for mount in mounts.into_iter().flatten() {
        let Some(target) = &mount.target else {
            continue;
        };
        match container_fs.canonical(target).await {
            Ok(path) => mount.target = Some(path),
            Err(failed) => resolved = Err(failed),
        }
    }
    super::remove(docker, &container).await?;
    resolved
}
