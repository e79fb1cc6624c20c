//! One at a time: what has volumes is not started beside what runs, but after it.
//!
//! Two processes on one folder of data destroy it. So a release with volumes, and one that follows
//! a release with volumes, takes over by stopping first; the app is away for that while.

use models::{
    deployment::{Progress, ReleasePhase, Spec},
    runner::WorkloadRelease,
};

use super::{take_down::keys, worker::Worker};
use crate::runner::{PlatformInstance, Runner, RunnerError};

impl<R: Runner> Worker<R> {
    /// Takes down what an attempt at the release may not run beside. Its image is there already, so
    /// that the app is away no longer than it must be.
    pub(super) async fn make_room(&mut self, release: &WorkloadRelease) -> Result<(), RunnerError> {
        let mut others = self.look().await?;
        others.retain(|other| other.key.release_id != release.release_id);
        if others.is_empty() || !must_be_alone(&release.spec, &others) {
            return Ok(());
        }
        // An app may take its time to stop, more than a start may.
        self.reporter.phase(
            release.release_id,
            ReleasePhase::Pulling,
            None,
            Some(Progress {
                message: "Stopping what runs: a volume belongs to one instance at a time"
                    .to_owned(),
                done_bytes: None,
                total_bytes: None,
            }),
        );
        self.take_down(&keys(&others)).await
    }
}

/// Whether these may not be there while an instance of this is.
pub(super) fn must_be_alone(spec: &Spec, others: &[PlatformInstance]) -> bool {
    !spec.volumes.is_empty() || others.iter().any(|other| !other.volumes.is_empty())
}
