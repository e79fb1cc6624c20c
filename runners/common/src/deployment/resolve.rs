//! The image of a release that is deployed: what its reference means at its registry now.
//!
//! A copy on the machine may be old, so the registry is asked first. The copy is used when the
//! registry has no such image, since an app that was built on this machine has none, and when the
//! registry does not answer; the release says so. A copy that came from a registry which refuses it
//! now is not used: another workspace may have got it, with its own credential.

use models::{
    deployment::{CopyReason, Fault, ImageSource, Progress, ReleasePhase},
    runner::WorkloadRelease,
    value::RegistryHost,
};
use tokio::time::timeout;
use tracing::{debug, info};

use super::worker::Worker;
use crate::{
    policy::REFUSED,
    runner::{ImageOrigin, ReadyImage, Runner, RunnerError},
};

/// A registry's answer about a reference.
enum Answer {
    /// It means this digest.
    Means(String),
    /// It does not say, and the copy on the machine may do.
    Missing(CopyReason, RunnerError),
    /// This platform has no registries.
    NoRegistries,
}

impl<R: Runner> Worker<R> {
    /// Gets the image that a release is to run, and says where it came from; absent where a platform
    /// has no registries.
    pub(super) async fn resolve_image(
        &self,
        release: &WorkloadRelease,
    ) -> Result<(ReadyImage, Option<ImageSource>), RunnerError> {
        let image = &release.spec.image;
        if release.image_digest.is_some() || image.digest().is_some() {
            let ready = self.get_image(release).await?;
            return Ok((ready, Some(ImageSource::Digest)));
        }
        match self.ask_registry(release).await? {
            Answer::NoRegistries => Ok((self.get_image(release).await?, None)),
            Answer::Means(digest) => {
                let ready = self.get_image_by(release, Some(&digest)).await?;
                if let Err(error) = self.context.runner.note_tag(image, &ready.digest).await {
                    debug!(%image, %error, "the tag on this machine could not be moved");
                }
                Ok((ready, Some(ImageSource::Registry)))
            }
            Answer::Missing(because, error) => {
                let ready = self.get_image(release).await?;
                let source = copy(because, &ready.origin).ok_or_else(|| unused(error))?;
                info!(
                    deployment.id = %self.id,
                    %image,
                    ?source,
                    "the registry did not say what an image means"
                );
                Ok((ready, Some(source)))
            }
        }
    }

    /// Asks the registry of a release's image what it means, but not for long, and not again soon
    /// when it does not answer.
    async fn ask_registry(&self, release: &WorkloadRelease) -> Result<Answer, RunnerError> {
        let (context, image) = (&self.context, &release.spec.image);
        let host = image.registry();
        if context.registries.is_silent(&host) {
            return Ok(Answer::Missing(CopyReason::NoAnswer, silent(&host)));
        }
        let message = format!("Asking {host} for {image}");
        let progress = Progress {
            message,
            done_bytes: None,
            total_bytes: None,
        };
        let id = release.release_id;
        self.reporter
            .phase(id, ReleasePhase::Pulling, None, Some(progress));
        let credential = release.registry_credential.as_ref();
        let asking = context.runner.look_up(image, credential);
        let answer = timeout(context.timings.resolve_limit, asking).await;
        let error = match answer.unwrap_or_else(|_| Err(silent(&host))) {
            Ok(digest) => {
                context.registries.answered(&host);
                return Ok(Answer::Means(digest));
            }
            Err(error) => error,
        };
        Ok(match (error.fault, error.code) {
            (_, "tags_unsupported") => Answer::NoRegistries,
            (Fault::User, "image_not_found") => Answer::Missing(CopyReason::NotFound, error),
            (Fault::User, "image_access_denied") => Answer::Missing(CopyReason::NotGiven, error),
            // An address inside of the machine, for example, as of an image `localhost/app`.
            (Fault::User, REFUSED) => Answer::Missing(CopyReason::NotAsked, error),
            (Fault::User, _) => return Err(error),
            (Fault::Platform, _) => {
                context
                    .registries
                    .silent(host, context.timings.registry_pause);
                Answer::Missing(CopyReason::NoAnswer, error)
            }
        })
    }
}

/// The place of an image that the registry did not name; none when the image may not be used.
const fn copy(because: CopyReason, origin: &ImageOrigin) -> Option<ImageSource> {
    match origin {
        // The engine got it after all.
        ImageOrigin::Registry => Some(ImageSource::Registry),
        ImageOrigin::LocalCopy {
            is_from_registry: true,
            ..
        } if matches!(because, CopyReason::NotGiven | CopyReason::NotAsked) => None,
        ImageOrigin::LocalCopy { created_at, .. } => Some(ImageSource::Machine {
            because,
            built_at: *created_at,
        }),
    }
}

fn silent(host: &RegistryHost) -> RunnerError {
    let message = format!("The registry {host} did not answer in time.");
    RunnerError::platform("registry_silent", message)
}

/// The refusal of a registry, with why the machine's copy does not help.
fn unused(mut error: RunnerError) -> RunnerError {
    error.message.push_str(
        " The copy on the runner's machine came from that registry, perhaps with the credential of \
         somebody else, so it is not used. An image that was built on the machine can be named \
         localhost/NAME.",
    );
    error
}
