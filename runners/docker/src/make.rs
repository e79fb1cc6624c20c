//! Creation of containers from instance specifications.

pub(crate) mod bare;

use bollard::{
    Docker,
    models::ContainerCreateBody,
    query_parameters::{CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder},
};
use models::deployment::ImageDescription;
use runner_common::{InstanceSpec, RunnerError};

use crate::{container_fs::ContainerFs, diagnose, engine::Engine, error, files, volumes::owner};

/// Creates an instance's container with its files and volumes; does not start it.
///
/// # Errors
/// When the image and the settings do not fit together, or the engine refuses or does not
/// answer.
pub(crate) async fn make(
    engine: &Engine,
    name: &str,
    (instance, image): (&InstanceSpec, &ImageDescription),
    mut body: ContainerCreateBody,
) -> Result<(), RunnerError> {
    let docker = &engine.docker;
    let spec = &instance.spec;
    let heir = owner::heir(spec, image);
    let first = |body: &ContainerCreateBody| match heir {
        Some(_) => owner::without_copies(body.clone()),
        None => body.clone(),
    };
    let mut container = create(engine, name, instance, first(&body)).await?;
    if !spec.volumes.is_empty() && !ContainerFs::of(docker, &container).is_readable().await? {
        remove(docker, &container).await?;
        bare::resolve_mounts(docker, name, &mut body).await?;
        container = create(engine, name, instance, first(&body)).await?;
    }
    let Some(heir) = heir else {
        return Box::pin(files::put(docker, &container, &spec.config_files)).await;
    };
    let empty = owner::empty(docker, &container, spec).await?;
    if !empty.is_empty() {
        remove(docker, &container).await?;
        container = create(engine, name, instance, body).await?;
    }
    Box::pin(files::put(docker, &container, &spec.config_files)).await?;
    Box::pin(owner::chown_to_app_user(docker, &container, &empty, heir)).await
}

async fn create(
    engine: &Engine,
    name: &str,
    instance: &InstanceSpec,
    body: ContainerCreateBody,
) -> Result<String, RunnerError> {
    let options = CreateContainerOptionsBuilder::default().name(name).build();
    let created = engine
        .docker
        .create_container(Some(options), body.clone())
        .await;
    match created {
        Ok(created) => Ok(created.id),
        Err(failed) => {
            let diagnosis = diagnose::of_create(engine, name, instance, body, failed);
            Err(Box::pin(diagnosis).await)
        }
    }
}

/// Removes a container that never ran, with its anonymous volumes.
pub(crate) async fn remove(docker: &Docker, container: &str) -> Result<(), RunnerError> {
    let options = RemoveContainerOptionsBuilder::default()
        .force(true)
        .v(true)
        .build();
    let removed = docker.remove_container(container, Some(options));
    removed.await.map_err(error::refused)
}
