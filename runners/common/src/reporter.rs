//! Reports on releases and removals, from a deployment's task to the server.

use std::sync::{Arc, Mutex};

use models::{
    ReleaseId,
    deployment::{Failure, ImageDescription, ImageSource, Progress, ReleasePhase},
    run::{RunAttempt, RunPhase},
    runner::{ReleaseReport, RunReport, RunnerFrame, WorkloadId},
    value::ImageDigest,
};
use tracing::info;

use crate::{outbox::Outbox, sync::lock};

pub(crate) struct Reporter {
    outbox: Arc<Outbox>,
    id: WorkloadId,
    last: Mutex<Option<RunnerFrame>>,
    /// Facts of the image of the newest release whose image is present.
    image: Mutex<Option<(ReleaseId, ImageDescription)>>,
    /// Source of the current release's image.
    source: Mutex<Option<(ReleaseId, ImageSource)>>,
}

impl Reporter {
    pub(crate) const fn new(outbox: Arc<Outbox>, id: WorkloadId) -> Self {
        Self {
            outbox,
            id,
            last: Mutex::new(None),
            image: Mutex::new(None),
            source: Mutex::new(None),
        }
    }

    /// Records the facts of a release's image.
    ///
    /// Every later report on the release repeats them, since only the newest report is sure to
    /// be sent.
    pub(crate) fn describe(&self, release_id: ReleaseId, image: &ImageDescription) {
        *lock(&self.image) = Some((release_id, image.clone().truncated()));
    }

    fn image_of(&self, release_id: ReleaseId) -> Option<Box<ImageDescription>> {
        let image = lock(&self.image).clone();
        let (_, image) = image.filter(|(of, _)| *of == release_id)?;
        Some(Box::new(image))
    }

    /// Records the source of the release's image for the reports that follow.
    pub(crate) fn set_image_source(&self, release_id: ReleaseId, source: Option<ImageSource>) {
        *lock(&self.source) = source.map(|source| (release_id, source));
    }

    /// Returns the digest in the last report on the release.
    ///
    /// A server that missed that report learns it from the report of a failure.
    fn digest_of(&self, release_id: ReleaseId) -> Option<ImageDigest> {
        match &*lock(&self.last) {
            Some(RunnerFrame::Release(last)) if last.release_id == release_id => {
                last.image_digest.clone()
            }
            _ => None,
        }
    }

    fn source(&self, release_id: ReleaseId) -> Option<ImageSource> {
        let known = lock(&self.source).filter(|(of, _)| *of == release_id)?;
        Some(known.1)
    }

    /// Reports the phase and progress of the release.
    pub(crate) fn phase(
        &self,
        release_id: ReleaseId,
        phase: ReleasePhase,
        image_digest: Option<&ImageDigest>,
        progress: Option<Progress>,
    ) {
        if self.id.run_id.is_some() {
            self.run_progress(phase, progress);
            return;
        }
        self.send(RunnerFrame::Release(ReleaseReport {
            deployment_id: self.id.deployment_id,
            release_id,
            phase,
            progress,
            failure: None,
            image_digest: image_digest.cloned(),
            image: self.image_of(release_id),
            image_source: self.source(release_id),
        }));
    }

    /// Reports that the release failed.
    pub(crate) fn failed(&self, release_id: ReleaseId, failure: Failure) {
        info!(
            deployment.id = %self.id.deployment_id,
            release.id = %release_id,
            %failure.code,
            failure.fault = ?failure.fault,
            "the release failed"
        );
        self.send(RunnerFrame::Release(ReleaseReport {
            deployment_id: self.id.deployment_id,
            release_id,
            phase: ReleasePhase::Failed,
            progress: None,
            failure: Some(failure),
            image_digest: self.digest_of(release_id),
            image: self.image_of(release_id),
            image_source: self.source(release_id),
        }));
    }

    /// Reports the state of a run.
    pub(crate) fn run(
        &self,
        phase: RunPhase,
        attempts: &[RunAttempt],
        image_digest: Option<&ImageDigest>,
        failure: Option<Failure>,
    ) {
        let Some(run_id) = self.id.run_id else {
            return;
        };
        let report = RunnerFrame::Run(RunReport {
            deployment_id: self.id.deployment_id,
            run_id,
            phase,
            attempts: attempts.to_vec(),
            progress: None,
            failure,
            image_digest: image_digest.cloned(),
        });
        if lock(&self.last).as_ref() != Some(&report) {
            self.send(report);
        }
    }

    /// Reports the progress of a pull for a run.
    fn run_progress(&self, phase: ReleasePhase, progress: Option<Progress>) {
        let last = lock(&self.last).clone();
        if let Some(RunnerFrame::Run(report)) = last
            && phase == ReleasePhase::Pulling
        {
            self.send(RunnerFrame::Run(RunReport {
                phase: RunPhase::Pulling,
                progress,
                ..report
            }));
        }
    }

    /// Reports that the deployment is removed.
    pub(crate) fn removed(&self, generation: i64) {
        self.send(RunnerFrame::Removed {
            deployment_id: self.id.deployment_id,
            generation,
        });
    }

    /// Drops the last report: it does not concern the current desired state.
    pub(crate) fn clear(&self) {
        *lock(&self.last) = None;
    }

    /// Repeats the last report, for a server that may have missed it.
    pub(crate) fn resend(&self) {
        if let Some(frame) = lock(&self.last).clone() {
            self.outbox.push(frame);
        }
    }

    fn send(&self, frame: RunnerFrame) {
        *lock(&self.last) = Some(frame.clone());
        self.outbox.push(frame);
    }
}
