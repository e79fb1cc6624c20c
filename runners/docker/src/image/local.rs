//! Images on the host, and where they come from.

use bollard::{Docker, models::ImageInspect};
use models::{
    deployment::ImageDescription,
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};
use runner_common::{ImageOrigin, Owner, Provenance, ReadyImage, RunnerError};

use super::{
    describe,
    name::{Parts, familiar, parts},
    prune,
};
use crate::error;

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
    pub(super) fn provenance(&self, owner: &Owner, image: &ImageReference) -> Provenance {
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

    pub(super) fn ready(self, origin: ImageOrigin) -> ReadyImage {
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
        return Ok(found.and_then(|found| local_image(image, found)));
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

/// Returns what the engine knows of an image; `None` if it is not on the host.
pub(super) async fn inspect(
    docker: &Docker,
    name: &str,
) -> Result<Option<ImageInspect>, RunnerError> {
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

/// Returns the image under the name of a reference; `None` if it has no id.
fn local_image(image: &ImageReference, found: ImageInspect) -> Option<LocalImage> {
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

#[cfg(test)]
mod tests {
    use bollard::models::ImageInspect;
    use models::value::{ImageDigest, ImageReference};
    use runner_common::Provenance;

    use super::{LocalImage, local_image, prune::repository};
    use crate::labels::tests::owner;

    fn image(text: &str) -> ImageReference {
        ImageReference::new(text).unwrap()
    }

    /// Returns a digest with this number.
    fn digest(number: u8) -> ImageDigest {
        ImageDigest::sha256([number; 32])
    }

    #[test]
    fn the_digest_is_that_of_the_repository_that_was_asked_for() {
        let id = digest(0);
        let found = |digests: &[String]| ImageInspect {
            id: Some(id.to_string()),
            repo_digests: Some(digests.to_vec()),
            ..ImageInspect::default()
        };
        let of =
            |name, digests: &[String]| local_image(&image(name), found(digests)).unwrap().digest;
        assert_eq!(of("app", &[]), id);
        let both = [
            format!("other@{}", digest(1)),
            format!("nginx@{}", digest(2)),
            "third@no-digest".to_owned(),
        ];
        assert_eq!(of("docker.io/library/nginx:1", &both), digest(2));
        assert_eq!(of("third", &both), id);
    }

    /// Describes an image with these tags and digests, as the engine does.
    fn inspected(name: &str, tags: &[&str], digests: &[&str]) -> LocalImage {
        let texts = |texts: &[&str]| Some(texts.iter().map(|&text| text.to_owned()).collect());
        let found = ImageInspect {
            id: Some(digest(0).to_string()),
            repo_tags: texts(tags),
            repo_digests: texts(digests),
            ..ImageInspect::default()
        };
        local_image(&image(name), found).unwrap()
    }

    #[test]
    fn an_image_is_its_runners_own_when_that_runner_pulled_it_from_the_same_repository() {
        let owner = owner();
        let provenance = |name: &str, tags: &[&str], digests: &[&str]| {
            let found = inspected(name, tags, digests);
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
            let found = inspected(name, tags, digests);
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
