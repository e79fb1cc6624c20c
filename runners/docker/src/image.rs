//! Images on the host, and pulls of others.
//!
//! An image on the host that fits the request is used as it is. The loop asks for the digest
//! that the registry resolved, and by name only when the registry did not answer. The resolved
//! digest is the release's from then on, so a tag that moves later changes no running instance.
//!
//! Digests are no secrets, and other runners may keep private images on the same engine. So
//! each image on the host comes with its provenance: pulled by this runner or not.

mod describe;
mod local;
mod name;
pub(crate) mod prune;
mod pull;
mod refusal;

use bollard::{Docker, query_parameters::TagImageOptionsBuilder};
use models::{
    runner::{HostPolicy, RegistryCredential},
    value::{ImageDigest, ImageReference},
};
use runner_common::{ImageOrigin, Owner, PullProgress, ReadyImage, RunnerError};
use tracing::warn;

pub(crate) use self::local::find;
use self::{
    name::{Parts, parts},
    pull::pull,
    refusal::ImageRequest,
};
use crate::{credential, engine::Engine, error, registry_address};

/// The runner that asks for images, and the registries it may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PullContext<'a> {
    pub(crate) owner: &'a Owner,
    pub(crate) policy: &'a HostPolicy,
}

/// Ensures that the image is on the host.
///
/// # Errors
/// When it is nowhere, or cannot be pulled.
pub(crate) async fn get(
    engine: &Engine,
    context: PullContext<'_>,
    image: &ImageReference,
    digest: Option<&ImageDigest>,
    credential: Option<&RegistryCredential>,
    progress: &PullProgress,
) -> Result<ReadyImage, RunnerError> {
    let docker = &engine.docker;
    // A digest in a reference may be the id of any image on the host.
    let is_written = digest.is_none() && image.digest().is_some();
    let digest = image.digest().or_else(|| digest.cloned());
    let digest = digest.as_ref();
    let here = find(docker, image, digest).await?;
    let here = here.filter(|local| !is_written || local.is_from(context.owner, image));
    if let Some(local) = here {
        engine.platforms.check(image, &local.description.platform)?;
        let origin = ImageOrigin::LocalCopy {
            created_at: local.created_at,
            provenance: local.provenance(context.owner, image),
        };
        return Ok(local.ready(origin));
    }
    let request = ImageRequest {
        image,
        digest,
        credential,
    };
    let is_new = pull(engine, context.policy, request, progress).await?;
    let local = find(docker, image, digest).await?;
    let local = local.ok_or_else(|| error::missing(image))?;
    if is_new {
        // Without the note, the image is never pruned; nothing else is wrong.
        if let Err(error) = prune::note_pulled(docker, context.owner, image, &local.id).await {
            warn!(error = %error, source = ?error.source, "an image cannot be removed on its own");
        }
    }
    engine.platforms.check(image, &local.description.platform)?;
    Ok(local.ready(ImageOrigin::Registry))
}

/// Resolves an image's tag at its registry, through the engine.
///
/// # Errors
/// When there is no such image or no access to it, or the registry does not answer.
pub(crate) async fn resolve_tag(
    docker: &Docker,
    policy: &HostPolicy,
    image: &ImageReference,
    credential: Option<&RegistryCredential>,
) -> Result<ImageDigest, RunnerError> {
    registry_address::check(policy, image).await?;
    let shown = credential::for_pull(image, credential);
    let docker = credential::readable(docker);
    let found = docker.inspect_registry_image(image.as_str(), shown).await;
    let request = ImageRequest {
        image,
        digest: None,
        credential,
    };
    let found = found.map_err(|error| refusal::of_lookup(request, error))?;
    let digest = found.descriptor.digest;
    let digest = digest.and_then(|digest| digest.parse().ok());
    digest.ok_or_else(|| error::missing(image))
}

/// Tags an image that was pulled by its digest with the tag of the reference.
///
/// # Errors
/// When the engine refuses or does not answer.
pub(crate) async fn tag(
    docker: &Docker,
    image: &ImageReference,
    digest: &ImageDigest,
) -> Result<(), RunnerError> {
    let Parts { repository, tag } = parts(image);
    if image.digest().is_some() {
        return Ok(());
    }
    let options = TagImageOptionsBuilder::default()
        .repo(repository)
        .tag(tag.unwrap_or("latest"))
        .build();
    let name = format!("{repository}@{digest}");
    let tagged = docker.tag_image(&name, Some(options)).await;
    tagged.map_err(error::refused)
}
