//! Images on the host, and pulls of others.
//!
//! An image on the host that fits the request is used as it is. The loop asks for the digest
//! that the registry resolved, and by name only when the registry did not answer. The resolved
//! digest is the release's from then on, so a tag that moves later changes no running instance.
//!
//! Digests are no secrets, and other runners may keep private images on the same engine. So
//! each image on the host comes with its provenance: pulled by this runner or not.

mod describe;
pub(crate) mod prune;
mod refusal;

use bollard::{
    Docker,
    models::ImageInspect,
    query_parameters::{CreateImageOptions, CreateImageOptionsBuilder, TagImageOptionsBuilder},
};
use futures::StreamExt;
use models::{
    deployment::ImageDescription,
    runner::{HostPolicy, RegistryCredential},
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};
use runner_common::{ImageOrigin, Owner, Provenance, PullProgress, ReadyImage, RunnerError};
use tracing::warn;

use self::refusal::Wanted;
use crate::{credential, engine::Engine, error, progress::Layers, registry_address};

/// An image on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalImage {
    /// Id on the engine.
    pub(crate) id: String,
    /// Digest in its repository; the id when it is in none under this name.
    pub(crate) digest: ImageDigest,
    /// True if it has a digest in the requested repository.
    ///
    /// Digests come with pulls and pushes. Engines that keep images in containerd give one to
    /// every image.
    has_digest: bool,
    /// Repositories in which it has a tag or a digest.
    repositories: Vec<String>,
    /// Facts of the image.
    pub(crate) description: ImageDescription,
    /// Build time; absent when the image names none.
    pub(crate) created_at: Option<Timestamp>,
}

/// The runner that asks for images, and the registries it may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PullContext<'a> {
    pub(crate) owner: &'a Owner,
    pub(crate) policy: &'a HostPolicy,
}

/// Start of the engine's last message after it fetched an image.
const DOWNLOADED: &str = "Status: Downloaded newer image";

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
    let wanted = Wanted {
        image,
        digest,
        credential,
    };
    let is_new = pull(engine, context.policy, wanted, progress).await?;
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

impl LocalImage {
    /// True if the image is known to come from the repository of this reference.
    ///
    /// It is when it has a name from there on the host, or when this runner pulled it from
    /// there. An id finds images whatever their names, and engines that keep images in
    /// containerd forget a name when its tag moves.
    pub(crate) fn is_from(&self, owner: &Owner, image: &ImageReference) -> bool {
        let asked = parts(image).repository;
        let noted = prune::repository(owner, asked);
        self.repositories
            .iter()
            .any(|known| known == familiar(asked) || *known == noted)
    }

    /// Returns the provenance of the image under the name of this reference.
    fn provenance(&self, owner: &Owner, image: &ImageReference) -> Provenance {
        let asked = parts(image).repository;
        if self.repositories.contains(&prune::repository(owner, asked)) {
            return Provenance::ThisRunner;
        }
        let is_named = self.repositories.iter().any(|one| one == familiar(asked));
        // Runners name the images that they pull; a reference with such a name means another's.
        if is_named && !self.has_digest && !prune::is_note(asked) {
            Provenance::Host
        } else {
            Provenance::Registry
        }
    }

    fn ready(self, origin: ImageOrigin) -> ReadyImage {
        ReadyImage {
            digest: self.digest,
            description: self.description,
            origin,
        }
    }
}

/// Returns the image, if it is on the host.
pub(crate) async fn find(
    docker: &Docker,
    image: &ImageReference,
    digest: Option<&ImageDigest>,
) -> Result<Option<LocalImage>, RunnerError> {
    let Some(digest) = digest else {
        let found = inspect(docker, image.as_str()).await?;
        return Ok(found.and_then(|found| local(image, found)));
    };
    // A registry's digest is known together with the repository, an image's own id by itself.
    let Parts { repository, .. } = parts(image);
    let found = match inspect(docker, &format!("{repository}@{digest}")).await? {
        Some(found) => Some(found),
        None => inspect(docker, digest.as_str()).await?,
    };
    let Some(found) = found else {
        return Ok(None);
    };
    let repositories = repositories(&found);
    let has_digest = digests_of(repository, &found).next().is_some();
    let description = describe::describe(&found);
    let created_at = describe::created_at(&found);
    Ok(found.id.map(|id| LocalImage {
        id,
        digest: digest.clone(),
        has_digest,
        repositories,
        description,
        created_at,
    }))
}

async fn inspect(docker: &Docker, name: &str) -> Result<Option<ImageInspect>, RunnerError> {
    match docker.inspect_image(name).await {
        Ok(found) => Ok(Some(found)),
        Err(error) if error::is_missing(&error) => Ok(None),
        Err(error) => Err(error::refused(error)),
    }
}

/// Returns the repositories in which an image has a tag or a digest.
fn repositories(found: &ImageInspect) -> Vec<String> {
    let digests = found.repo_digests.iter().flatten();
    let digests = digests.filter_map(|digest| digest.split_once('@'));
    let tags = found.repo_tags.iter().flatten();
    let tags = tags.filter_map(|tag| tag.rsplit_once(':'));
    let known = digests.chain(tags).map(|(known, _)| familiar(known));
    known.map(str::to_owned).collect()
}

/// Returns the image's digests in this repository.
///
/// It may be in others too, under digests that mean nothing in this one.
fn digests_of<'a>(
    repository: &'a str,
    found: &'a ImageInspect,
) -> impl Iterator<Item = ImageDigest> + 'a {
    let digests = found.repo_digests.iter().flatten();
    let digests = digests.filter_map(|digest| digest.split_once('@'));
    digests
        .filter(|(from, _)| familiar(from) == familiar(repository))
        .filter_map(|(_, digest)| digest.parse().ok())
}

fn local(image: &ImageReference, found: ImageInspect) -> Option<LocalImage> {
    let repository = parts(image).repository;
    let repositories = repositories(&found);
    let description = describe::describe(&found);
    let created_at = describe::created_at(&found);
    let digest = digests_of(repository, &found).next();
    let id = found.id?;
    Some(LocalImage {
        has_digest: digest.is_some(),
        digest: digest.or_else(|| id.parse().ok())?,
        id,
        repositories,
        description,
        created_at,
    })
}

/// Fetches the image; returns true if it was not on the host.
async fn pull(
    engine: &Engine,
    policy: &HostPolicy,
    wanted: Wanted<'_>,
    progress: &PullProgress,
) -> Result<bool, RunnerError> {
    registry_address::check(policy, wanted.image).await?;
    let mut is_new = false;
    let mut layers = Layers::default();
    let shown = credential::for_pull(wanted.image, wanted.credential);
    let docker = credential::readable(&engine.docker);
    let options = options(wanted.image, wanted.digest);
    let mut pulling = docker.create_image(Some(options), None, shown);
    while let Some(info) = pulling.next().await {
        let info = match info {
            Ok(info) => info,
            Err(error) => {
                return Err(
                    refusal::of_pull(&engine.docker, &engine.platforms, wanted, error).await,
                );
            }
        };
        let status = info.status.as_deref();
        is_new |= status.is_some_and(|status| status.starts_with(DOWNLOADED));
        if let Some(pulled) = layers.note(info) {
            progress.report(pulled);
        }
    }
    Ok(is_new)
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
    let wanted = Wanted {
        image,
        digest: None,
        credential,
    };
    let found = found.map_err(|error| refusal::of_lookup(wanted, error))?;
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

fn options(image: &ImageReference, digest: Option<&ImageDigest>) -> CreateImageOptions {
    let Parts { repository, tag } = parts(image);
    // Without a tag the engine would pull all tags of the repository.
    CreateImageOptionsBuilder::default()
        .from_image(repository)
        .tag(digest.map(ImageDigest::as_str).or(tag).unwrap_or("latest"))
        .build()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parts<'a> {
    repository: &'a str,
    tag: Option<&'a str>,
}

fn parts(image: &ImageReference) -> Parts<'_> {
    let text = image.as_str();
    let text = text.split_once('@').map_or(text, |(name, _)| name);
    match text.rsplit_once(':') {
        // A colon before the last slash belongs to the registry's port.
        Some((repository, tag)) if !tag.contains('/') => Parts {
            repository,
            tag: Some(tag),
        },
        _ => Parts {
            repository: text,
            tag: None,
        },
    }
}

/// Strips the parts that stand for the default registry, as the engine does.
fn familiar(repository: &str) -> &str {
    let hosts = ["docker.io/", "index.docker.io/"];
    let rest = hosts.iter().find_map(|host| repository.strip_prefix(host));
    let rest = rest.unwrap_or(repository);
    rest.strip_prefix("library/").unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use bollard::models::ImageInspect;
    use models::value::{ImageDigest, ImageReference};
    use runner_common::Provenance;

    use super::{Parts, local, options, parts, prune::repository};
    use crate::labels::tests::owner;

    fn image(text: &str) -> ImageReference {
        ImageReference::new(text).unwrap()
    }

    /// Returns a digest with this number.
    fn digest(number: u8) -> ImageDigest {
        ImageDigest::sha256([number; 32])
    }

    #[test]
    fn a_reference_is_taken_apart_at_the_right_colon() {
        let digest = format!("app:1@sha256:{}", "0".repeat(64));
        for (text, repository, tag) in [
            ("nginx", "nginx", None),
            ("nginx:1.27", "nginx", Some("1.27")),
            ("localhost:5000/app", "localhost:5000/app", None),
            ("localhost:5000/app:2", "localhost:5000/app", Some("2")),
            (&digest, "app", Some("1")),
        ] {
            assert_eq!(parts(&image(text)), Parts { repository, tag }, "{text}");
        }
    }

    #[test]
    fn one_image_is_pulled_never_all_of_a_repository() {
        let asked = |digest| options(&image("localhost:5000/app"), digest).tag;
        assert_eq!(asked(None).as_deref(), Some("latest"));
        assert_eq!(asked(Some(&digest(0))).as_deref(), Some(digest(0).as_str()));
    }

    #[test]
    fn the_digest_is_that_of_the_repository_that_was_asked_for() {
        let id = digest(0);
        let found = |digests: &[String]| ImageInspect {
            id: Some(id.to_string()),
            repo_digests: Some(digests.to_vec()),
            ..ImageInspect::default()
        };
        let of = |name, digests: &[String]| local(&image(name), found(digests)).unwrap().digest;
        assert_eq!(of("app", &[]), id);
        let both = [
            format!("other@{}", digest(1)),
            format!("nginx@{}", digest(2)),
            "third@no-digest".to_owned(),
        ];
        assert_eq!(of("docker.io/library/nginx:1", &both), digest(2));
        assert_eq!(of("third", &both), id);
    }

    #[test]
    fn an_image_is_its_runners_own_when_that_runner_pulled_it_from_the_same_repository() {
        let owner = owner();
        let provenance = |name: &str, tags: &[&str], digests: &[&str]| {
            let texts = |texts: &[&str]| Some(texts.iter().map(|&text| text.to_owned()).collect());
            let found = ImageInspect {
                id: Some(digest(0).to_string()),
                repo_tags: texts(tags),
                repo_digests: texts(digests),
                ..ImageInspect::default()
            };
            let found = local(&image(name), found).unwrap();
            found.provenance(&owner, &image(name))
        };
        let own = format!("{}:id", repository(&owner, "app"));
        let digest = format!("app@{}", digest(1));
        let digest = [digest.as_str()];
        assert_eq!(
            provenance("docker.io/library/app:1", &[&own], &digest),
            Provenance::ThisRunner
        );
        let of_another = "berth-pulled/0a/0b:id";
        let names = ["app:1", of_another];
        assert_eq!(provenance("app:1", &names, &digest), Provenance::Registry);
        assert_eq!(provenance("app:1", &names, &[]), Provenance::Host);
        assert_eq!(
            provenance("other:1", &[&own], &digest),
            Provenance::Registry
        );
        assert_eq!(provenance(of_another, &names, &[]), Provenance::Registry);
    }

    #[test]
    fn an_image_that_an_id_leads_to_is_not_known_by_it() {
        let owner = owner();
        let known = |name: &str, tags: &[&str], digests: &[&str]| {
            let texts = |texts: &[&str]| Some(texts.iter().map(|&text| text.to_owned()).collect());
            let found = ImageInspect {
                id: Some(digest(0).to_string()),
                repo_tags: texts(tags),
                repo_digests: texts(digests),
                ..ImageInspect::default()
            };
            let found = local(&image(name), found).unwrap();
            found.is_from(&owner, &image(name))
        };
        assert!(known("app:1", &["app:1"], &[]));
        assert!(known("docker.io/library/app", &["other:1", "app:2"], &[]));
        assert!(known(
            "localhost:5000/app",
            &[],
            &[&format!("localhost:5000/app@{}", digest(1))]
        ));
        assert!(!known("deadbeef", &["app:1"], &["app@sha256:deadbeef"]));
        assert!(!known("app", &["apps:1", "localhost:5000/app:1"], &[]));
        assert!(!known("app", &[], &[]));
        let pulled = format!("{}:0a", repository(&owner, "docker.io/library/app"));
        assert!(known("app", &[&pulled], &[]));
        assert!(!known("other", &[&pulled], &[]));
    }
}
