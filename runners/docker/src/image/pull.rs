//! Pulls of images.

use bollard::query_parameters::{CreateImageOptions, CreateImageOptionsBuilder};
use futures::StreamExt;
use models::{
    runner::HostPolicy,
    value::{ImageDigest, ImageReference},
};
use runner_common::{PullProgress, RunnerError};

use super::{
    name::{Parts, parts},
    refusal::{self, ImageRequest},
};
use crate::{credential, engine::Engine, progress::Layers, registry_address};

/// Start of the engine's last message after it fetched an image.
const DOWNLOADED: &str = "Status: Downloaded newer image";

/// Fetches the image; returns true if it was not on the host.
pub(super) async fn pull(
    engine: &Engine,
    policy: &HostPolicy,
    request: ImageRequest<'_>,
    progress: &PullProgress,
) -> Result<bool, RunnerError> {
    registry_address::check(policy, request.image).await?;
    let mut is_new = false;
    let mut layers = Layers::default();
    let shown = credential::for_pull(request.image, request.credential);
    let docker = credential::readable(&engine.docker);
    let options = options(request.image, request.digest);
    let mut pulling = docker.create_image(Some(options), None, shown);
    while let Some(info) = pulling.next().await {
        let info = match info {
            Ok(info) => info,
            Err(error) => {
                return Err(
                    refusal::of_pull(&engine.docker, &engine.platforms, request, error).await,
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

fn options(image: &ImageReference, digest: Option<&ImageDigest>) -> CreateImageOptions {
    let Parts { repository, tag } = parts(image);
    // Without a tag the engine would pull all tags of the repository.
    CreateImageOptionsBuilder::default()
        .from_image(repository)
        .tag(digest.map(ImageDigest::as_str).or(tag).unwrap_or("latest"))
        .build()
}

#[cfg(test)]
mod tests {
    use models::value::{ImageDigest, ImageReference};

    use super::options;

    #[test]
    fn one_image_is_pulled_never_all_of_a_repository() {
        let image = ImageReference::new("localhost:5000/app").unwrap();
        let asked = |digest| options(&image, digest).tag;
        let digest = ImageDigest::sha256([0; 32]);
        assert_eq!(asked(None).as_deref(), Some("latest"));
        assert_eq!(asked(Some(&digest)).as_deref(), Some(digest.as_str()));
    }
}
