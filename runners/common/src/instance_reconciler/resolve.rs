//! Image resolution: the digest of a release's reference at its registry now.
//!
//! A copy on the host may be old, so the registry is asked first. The copy is used when the
//! registry has no such image, since an app that was built on this host has none there, and
//! when the registry does not answer; the release says so. A copy from a registry that now
//! refuses access is not used: another workspace may have pulled it, with its own credential.
//!
//! A digest names one image for good, so a copy of it cannot be old, but it may belong to
//! another workspace: digests are no secrets. A copy that this runner did not pull itself, and
//! that the deployment did not run before, is used only when the registry gives it to this
//! workspace too.

use models::{
    deployment::{CopyReason, FailureCode, Fault, ImageSource, Progress, ReleasePhase},
    runner::WorkloadRelease,
    value::{ImageDigest, RegistryHost},
};
use tokio::time::timeout;
use tracing::{debug, info};

use super::worker::Worker;
use crate::platform::{ImageOrigin, InstancePlatform, Provenance, ReadyImage, RunnerError};

/// A registry's answer about a reference.
enum RegistryAnswer {
    /// The reference means this digest.
    Digest(ImageDigest),
    /// No answer; the copy on the host may do.
    Missing(CopyReason, RunnerError),
    /// This platform has no registries.
    NoRegistries,
}

impl<P: InstancePlatform> Worker<P> {
    /// Gets the image that a release will run, and returns its source.
    ///
    /// The source is absent on a platform without registries.
    pub(super) async fn resolve_image(
        &self,
        release: &WorkloadRelease,
    ) -> Result<(ReadyImage, Option<ImageSource>), RunnerError> {
        let (ready, source) = self.find_image(release).await?;
        // Only now: nothing is reported of an image that may not run here.
        self.deployment
            .reporter
            .describe(release.release_id, &ready.description);
        Ok((ready, source))
    }

    async fn find_image(
        &self,
        release: &WorkloadRelease,
    ) -> Result<(ReadyImage, Option<ImageSource>), RunnerError> {
        let image = &release.spec.image;
        if release.image_digest.is_some() || image.digest().is_some() {
            let ready = self.ensure_image(release).await?;
            let has_registries = self.context.agent.capabilities.tags;
            if has_registries && is_of_others(&ready) && !self.has_run(release) {
                self.report_question(release);
                self.ask_for_access(release).await?;
            }
            return Ok((ready, Some(ImageSource::Digest)));
        }
        match self.ask_registry(release).await? {
            RegistryAnswer::NoRegistries => Ok((self.ensure_image(release).await?, None)),
            RegistryAnswer::Digest(digest) => {
                let ready = self
                    .ensure_image_with_digest(release, Some(&digest))
                    .await?;
                if let Err(error) = self.context.platform.note_tag(image, &ready.digest).await {
                    debug!(%image, %error, "failed to move the tag on this host");
                }
                Ok((ready, Some(ImageSource::Registry)))
            }
            RegistryAnswer::Missing(because, error) => {
                let ready = self.ensure_image(release).await?;
                let source =
                    copy_source(because, &ready.origin).ok_or_else(|| copy_refused(error))?;
                info!(
                    deployment.id = %self.id,
                    %image,
                    ?source,
                    "the registry did not resolve an image; using the copy on this host"
                );
                Ok((ready, Some(source)))
            }
        }
    }

    /// True if the deployment ran this digest, or its registry resolved it before.
    ///
    /// The registry is not asked again then, so restarts and rollbacks need no registry. The
    /// server learns digests only from reports.
    fn has_run(&self, release: &WorkloadRelease) -> bool {
        let image = &release.spec.image;
        let Some(wanted) = image.digest() else {
            return release.image_digest.is_some();
        };
        if release.image_digest.as_ref() == Some(&wanted) {
            return true;
        }
        self.deployment.previous_release().is_some_and(|previous| {
            previous.spec.image.repository() == image.repository()
                && previous.image_digest.as_ref() == Some(&wanted)
        })
    }

    fn report_question(&self, release: &WorkloadRelease) {
        let image = &release.spec.image;
        let progress = Progress {
            message: format!("Looking up {image} at {}", image.registry()),
            done_bytes: None,
            total_bytes: None,
        };
        let id = release.release_id;
        self.deployment
            .reporter
            .phase(id, ReleasePhase::Pulling, None, Some(progress));
    }

    /// Resolves a release's reference at its registry.
    ///
    /// The wait is short, and a registry that does not answer is not asked again soon.
    async fn ask_registry(&self, release: &WorkloadRelease) -> Result<RegistryAnswer, RunnerError> {
        let (context, image) = (&self.context, &release.spec.image);
        if !context.agent.capabilities.tags {
            return Ok(RegistryAnswer::NoRegistries);
        }
        let host = image.registry();
        if let Some(because) = context.registry_breaker.open_reason(&host) {
            return Ok(RegistryAnswer::Missing(because, unreachable_error(&host)));
        }
        self.report_question(release);
        let credential = release.registry_credential.as_ref();
        let asking = context.platform.resolve_tag(image, credential);
        let answer = timeout(context.agent.timings.resolve_timeout, asking).await;
        let error = match answer.unwrap_or_else(|_| Err(unreachable_error(&host))) {
            Ok(digest) => {
                context.registry_breaker.close(&host);
                return Ok(RegistryAnswer::Digest(digest));
            }
            Err(error) => error,
        };
        Ok(match (error.fault, &error.code) {
            (Fault::User, FailureCode::ImageNotFound) => {
                RegistryAnswer::Missing(CopyReason::NotFound, error)
            }
            (Fault::User, FailureCode::ImageAccessDenied) => {
                RegistryAnswer::Missing(CopyReason::NotGiven, error)
            }
            // For example an address inside the host, as of an image `localhost/app`.
            (Fault::User, FailureCode::RefusedByHostPolicy) => {
                RegistryAnswer::Missing(CopyReason::NotAsked, error)
            }
            (Fault::User, _) => return Err(error),
            (Fault::Platform, code) => {
                let because = match code {
                    FailureCode::RegistryRateLimited => CopyReason::Limited,
                    _ => CopyReason::NoAnswer,
                };
                let pause = context.agent.timings.registry_pause;
                context.registry_breaker.trip(host, because, pause);
                RegistryAnswer::Missing(because, error)
            }
        })
    }
}

/// Source of an image that the registry did not resolve.
///
/// `None` when the image may not be used.
const fn copy_source(because: CopyReason, origin: &ImageOrigin) -> Option<ImageSource> {
    match origin {
        // The engine pulled it after all.
        ImageOrigin::Registry => Some(ImageSource::Registry),
        ImageOrigin::LocalCopy {
            provenance: Provenance::ThisRunner | Provenance::Registry,
            ..
        } if matches!(because, CopyReason::NotGiven | CopyReason::NotAsked) => None,
        ImageOrigin::LocalCopy { created_at, .. } => Some(ImageSource::Host {
            because,
            built_at: *created_at,
        }),
    }
}

/// True if another workspace may have pulled the image with its own credential.
const fn is_of_others(ready: &ReadyImage) -> bool {
    matches!(
        ready.origin,
        ImageOrigin::LocalCopy {
            provenance: Provenance::Registry,
            ..
        }
    )
}

fn unreachable_error(host: &RegistryHost) -> RunnerError {
    let message = format!("The registry {host} did not respond in time.");
    RunnerError::platform(FailureCode::RegistrySilent, message)
}

/// Adds to a registry's refusal why the host's copy is not used.
fn copy_refused(mut error: RunnerError) -> RunnerError {
    error.message.push_str(
        " The copy on the runner's host is not used, because it came from that registry and may \
         have been pulled with someone else's credential. To use an image built on the host, name \
         it localhost/NAME.",
    );
    error
}
