//! The registry of the platform in memory, and the host's copy of its only image.

use models::{
    deployment::{FailureCode, ImageDescription},
    runner::RegistryCredential,
    value::{ImageDigest, ImageReference},
};
use tokio::time::sleep;

use super::FakeRunner;
use crate::{
    conformance::Subject,
    platform::{ImageOrigin, PullProgress, PullStatus, ReadyImage, RunnerError},
};

/// Reported size of the image.
const IMAGE_BYTES: u64 = 1_000_000;

impl FakeRunner {
    /// Pulls the image, or fails with the next fault.
    pub(super) async fn pull_image(
        &self,
        image: &ImageReference,
        digest: Option<&ImageDigest>,
        credential: Option<&RegistryCredential>,
        progress: &PullProgress,
    ) -> Result<ReadyImage, RunnerError> {
        let (slow, fault) = self.query(|state| {
            state.pulls.push(credential.cloned());
            Ok((state.faults.slow_pull, state.faults.pulls.pop_front()))
        })?;
        for done_bytes in [0, IMAGE_BYTES / 2, IMAGE_BYTES] {
            let total_bytes = IMAGE_BYTES;
            progress.report(PullStatus {
                done_bytes,
                total_bytes,
            });
            if !slow.is_zero() {
                sleep(slow / 3).await;
            }
        }
        self.query(|state| {
            state.faults.end_pull();
            Ok(())
        })?;
        match fault {
            Some(fault) => Err(fault),
            None => self.ready(image, digest),
        }
    }

    /// Asks the registry for the digest of a reference, or fails with the next fault.
    pub(super) async fn look_up(
        &self,
        image: &ImageReference,
        credential: Option<&RegistryCredential>,
    ) -> Result<ImageDigest, RunnerError> {
        let (slow, fault) = self.query(|state| {
            state.lookups.push(credential.cloned());
            Ok((state.faults.slow_lookup, state.faults.lookups.pop_front()))
        })?;
        if !slow.is_zero() {
            sleep(slow).await;
        }
        fault.map_or_else(|| self.resolve(image, image.digest().as_ref()), Err)
    }

    /// Resolves a reference in the registry, which has an image of every digest.
    fn resolve(
        &self,
        image: &ImageReference,
        digest: Option<&ImageDigest>,
    ) -> Result<ImageDigest, RunnerError> {
        let known = self.platform.image();
        match digest {
            Some(digest) if image.repository() == known.repository() => Ok(digest.clone()),
            _ => self.tag(image),
        }
    }

    /// Resolves the tag of the only image.
    fn tag(&self, image: &ImageReference) -> Result<ImageDigest, RunnerError> {
        if *image != self.platform.image() {
            return Err(RunnerError::user(
                FailureCode::ImageNotFound,
                format!("There is no image {image}."),
            ));
        }
        let tag = self.platform.state().tag.clone();
        Ok(tag.unwrap_or_else(|| self.platform.digest()))
    }

    /// Returns the host's copy, or the registry's image.
    fn ready(
        &self,
        image: &ImageReference,
        digest: Option<&ImageDigest>,
    ) -> Result<ReadyImage, RunnerError> {
        let digest = image.digest().or_else(|| digest.cloned());
        let copy = self.platform.state().copy.clone();
        let copy = copy.filter(|copy| digest.as_ref().is_none_or(|digest| *digest == copy.digest));
        let origin = match &copy {
            Some(copy) => ImageOrigin::LocalCopy {
                created_at: Some(copy.created_at),
                provenance: self.platform.state().provenance(copy),
            },
            None => ImageOrigin::Registry,
        };
        let found = if let Some(copy) = copy {
            copy.digest
        } else {
            self.resolve(image, digest.as_ref())?
        };
        Ok(ReadyImage {
            digest: found,
            description: ImageDescription::default(),
            origin,
        })
    }
}
