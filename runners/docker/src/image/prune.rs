//! Image garbage collection: images that the runner pulled and nothing needs.
//!
//! Each image that the engine fetched for this runner gets one more tag, whose repository is
//! made of the runner's key and of the repository that it was fetched from. Images that were on
//! the host before, that were built there or that another runner fetched have none, and are
//! left alone. The tag also protects an image from the pruning of another runner: the engine
//! drops its layers with the last name only.

use std::collections::{BTreeSet, HashMap, HashSet};

use bollard::{
    Docker,
    models::ImageInspect,
    query_parameters::{
        ListContainersOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptions,
        TagImageOptionsBuilder,
    },
};
use models::value::ImageReference;
use runner_common::{NeededImages, Owner, RunnerError};
use tracing::info;

use super::{
    local::inspect,
    name::{familiar, parts},
};
use crate::{error, instances::moment};

/// Prefix of the repository of every such tag.
const PULLED: &str = "berth-pulled";
/// Number of a mark's digits in the repository, to tell runners apart.
const DIGITS: usize = 12;

/// Returns the repository that notes a runner's pulls from another repository.
pub(super) fn repository(owner: &Owner, from: &str) -> String {
    let mark = owner.mark(&["pulled from", familiar(from)]);
    format!("{}/{}", folder(owner), beginning(&mark))
}

/// Returns the common prefix of a runner's note repositories.
fn folder(owner: &Owner) -> String {
    let mark = owner.mark(&["pulled images"]);
    format!("{PULLED}/{}", beginning(&mark))
}

/// True for a repository that notes the pulls of some runner.
pub(super) fn is_note(repository: &str) -> bool {
    familiar(repository)
        .strip_prefix(PULLED)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn beginning(mark: &str) -> &str {
    mark.get(..DIGITS).unwrap_or(mark)
}

/// Tags an image that the engine fetched for the runner.
pub(super) async fn note_pulled(
    docker: &Docker,
    owner: &Owner,
    image: &ImageReference,
    id: &str,
) -> Result<(), RunnerError> {
    let tag = TagImageOptionsBuilder::default()
        .repo(&repository(owner, parts(image).repository))
        .tag(id.trim_start_matches("sha256:"))
        .build();
    let tagged = docker.tag_image(id, Some(tag)).await;
    tagged.map_err(error::refused)
}

/// Removes pulled images that nothing needs; returns their number.
pub(crate) async fn prune(
    docker: &Docker,
    owner: &Owner,
    needed: &NeededImages,
) -> Result<usize, RunnerError> {
    let folder = folder(owner);
    let pulled = pulled(docker, &folder).await?;
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
            remove(docker, &folder, &found, &id).await?;
            info!(image.id = id, "removed an unused image");
            removed += 1;
        }
    }
    Ok(removed)
}

/// Returns the ids of the images that this runner pulled, each once.
async fn pulled(docker: &Docker, folder: &str) -> Result<BTreeSet<String>, RunnerError> {
    let filters = HashMap::from([("reference", vec![format!("{folder}/*")])]);
    let options = ListImagesOptionsBuilder::default()
        .filters(&filters)
        .build();
    let listed = docker.list_images(Some(options)).await;
    let listed = listed.map_err(error::silent)?;
    Ok(listed.into_iter().map(|image| image.id).collect())
}

/// Returns the images of all containers, of any owner, running or not.
async fn used(docker: &Docker) -> Result<HashSet<String>, RunnerError> {
    let options = ListContainersOptionsBuilder::default().all(true).build();
    let listed = docker.list_containers(Some(options)).await;
    let listed = listed.map_err(error::silent)?;
    Ok(listed
        .into_iter()
        .filter_map(|container| container.image_id)
        .collect())
}

/// True if a release refers to the image by digest, or by id if no registry has it.
fn is_named(id: &str, found: &ImageInspect, needed: &NeededImages) -> bool {
    let digests = found.repo_digests.iter().flatten();
    let digests = digests.filter_map(|known| Some(known.split_once('@')?.1));
    let mut names = digests.chain([id]).filter_map(|name| name.parse().ok());
    names.any(|name| needed.digests.contains(&name))
}

/// True if the image is old enough: a newer one may be on its way into a container.
fn was_pulled_before(found: &ImageInspect, needed: &NeededImages) -> bool {
    let tagged = found.metadata.as_ref();
    let tagged = tagged.and_then(|metadata| moment(metadata.last_tag_time.as_deref()?));
    tagged.is_some_and(|tagged| tagged < needed.pulled_before)
}

/// Removes the runner's names of an image, and the image when it has no other.
async fn remove(
    docker: &Docker,
    folder: &str,
    found: &ImageInspect,
    id: &str,
) -> Result<(), RunnerError> {
    let tags = found.repo_tags.iter().flatten().map(String::as_str);
    let own = tags.filter(|tag| {
        tag.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    });
    for name in own.chain([id]) {
        match docker
            .remove_image(name, None::<RemoveImageOptions>, None)
            .await
        {
            Ok(_) => {}
            Err(error) if error::is_missing(&error) => {}
            // A container or another name still needs it.
            Err(error) if error::has_status(&error, 409) => {}
            Err(error) => return Err(error::refused(error)),
        }
    }
    Ok(())
}
