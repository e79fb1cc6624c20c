//! Images that the runner pulled and that nothing needs any more.
//!
//! Each image that the engine fetched for this runner gets one more tag, whose repository is made of
//! the runner's key. Images that were on the machine before, that were built there or that another
//! runner fetched have none, and are left alone. The tag also keeps an image from going with another
//! runner's: the engine gives up its layers with the last name only.

use std::collections::{HashMap, HashSet};

use bollard::{
    Docker,
    models::ImageInspect,
    query_parameters::{
        ListContainersOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptions,
        TagImageOptionsBuilder,
    },
};
use runner_common::{NeededImages, Owner, RunnerError};
use tracing::info;

use super::inspect;
use crate::{error, instances::moment};

/// Begins the repository of every such tag.
const PULLED: &str = "berth-pulled";
/// So many digits of a mark tell runners apart.
const DIGITS: usize = 12;

fn repository(owner: &Owner) -> String {
    let mark = owner.mark(&["pulled images"]);
    format!("{PULLED}/{}", mark.get(..DIGITS).unwrap_or(&mark))
}

/// Notes that the engine fetched this image for the runner.
pub(super) async fn note_pulled(
    docker: &Docker,
    owner: &Owner,
    id: &str,
) -> Result<(), RunnerError> {
    let tag = TagImageOptionsBuilder::default()
        .repo(&repository(owner))
        .tag(id.trim_start_matches("sha256:"))
        .build();
    let tagged = docker.tag_image(id, Some(tag)).await;
    tagged.map_err(error::refused)
}

/// Removes what was pulled and is not needed; says how many images.
pub(crate) async fn prune(
    docker: &Docker,
    owner: &Owner,
    needed: &NeededImages,
) -> Result<usize, RunnerError> {
    let repository = repository(owner);
    let pulled = pulled(docker, &repository).await?;
    if pulled.is_empty() {
        return Ok(0);
    }
    let mut in_use = used(docker).await?;
    for image in &needed.images {
        in_use.extend(
            inspect(docker, image.as_str())
                .await?
                .and_then(|found| found.id),
        );
    }
    let mut removed = 0;
    for id in pulled {
        // A list that is filtered by a repository leaves out the image's other names.
        let Some(found) = inspect(docker, &id).await? else {
            continue;
        };
        let is_needed = in_use.contains(&id) || is_named(&id, &found, needed);
        if !is_needed && was_pulled_before(&found, needed) {
            remove(docker, &repository, &id).await?;
            info!(image.id = id, "removed an image that no release needs");
            removed += 1;
        }
    }
    Ok(removed)
}

/// The ids of the images that have this runner's name.
async fn pulled(docker: &Docker, repository: &str) -> Result<Vec<String>, RunnerError> {
    let filters = HashMap::from([("reference", vec![repository.to_owned()])]);
    let options = ListImagesOptionsBuilder::default()
        .filters(&filters)
        .build();
    let listed = docker.list_images(Some(options)).await;
    let listed = listed.map_err(error::silent)?;
    Ok(listed.into_iter().map(|image| image.id).collect())
}

/// The images of all containers, whoever's, whether they run or not.
async fn used(docker: &Docker) -> Result<HashSet<String>, RunnerError> {
    let options = ListContainersOptionsBuilder::default().all(true).build();
    let listed = docker.list_containers(Some(options)).await;
    let listed = listed.map_err(error::silent)?;
    Ok(listed
        .into_iter()
        .filter_map(|container| container.image_id)
        .collect())
}

/// True when a release refers to the image by its digest, or by its id where it is in no registry.
fn is_named(id: &str, found: &ImageInspect, needed: &NeededImages) -> bool {
    let digests = found.repo_digests.iter().flatten();
    let mut digests = digests.filter_map(|known| Some(known.split_once('@')?.1));
    needed.digests.contains(id) || digests.any(|digest| needed.digests.contains(digest))
}

/// One that is new may be on its way into a container.
fn was_pulled_before(found: &ImageInspect, needed: &NeededImages) -> bool {
    let tagged = found.metadata.as_ref();
    let tagged = tagged.and_then(|metadata| moment(metadata.last_tag_time.as_deref()?));
    tagged.is_some_and(|tagged| tagged < needed.pulled_before)
}

/// Takes the runner's name off an image, and removes it when nobody else has one for it.
async fn remove(docker: &Docker, repository: &str, id: &str) -> Result<(), RunnerError> {
    let own = format!("{repository}:{}", id.trim_start_matches("sha256:"));
    for name in [own.as_str(), id] {
        match docker
            .remove_image(name, None::<RemoveImageOptions>, None)
            .await
        {
            Ok(_) => {}
            Err(error) if error::is_missing(&error) => {}
            // A container or another name needs it.
            Err(error) if error::has_status(&error, 409) => {}
            Err(error) => return Err(error::refused(error)),
        }
    }
    Ok(())
}
