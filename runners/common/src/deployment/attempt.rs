//! An attempt at a release that was never live: phase by phase, and without harm to what runs.

use models::{
    deployment::{Failure, Progress, ReleasePhase},
    runner::WorkloadRelease,
};
use tracing::warn;

use super::{
    Round,
    take_down::keys,
    verify,
    worker::{Outcome, Worker},
};
use crate::{
    board::Mark,
    runner::{InstanceKey, Runner, RunnerError},
};

impl<R: Runner> Worker<R> {
    /// Makes the release live, or says why not.
    pub(super) async fn attempt(
        &mut self,
        generation: i64,
        release: &WorkloadRelease,
    ) -> Result<Round, RunnerError> {
        self.drop_other_trial(release).await?;
        let phase = match self.make_live(release).await {
            Ok(()) => ReleasePhase::Live,
            Err(failure) => {
                self.give_up(release, failure).await;
                ReleasePhase::Failed
            }
        };
        self.outcome = Some(Outcome {
            generation,
            release_id: release.release_id,
            phase,
        });
        // The next round sees to what should stay.
        Ok(Round::Again(std::time::Duration::ZERO))
    }

    async fn make_live(&mut self, release: &WorkloadRelease) -> Result<(), Failure> {
        let (key, digest) = if let Some(key) = self.running_instance(release).await? {
            (key, release.image_digest.clone())
        } else {
            let digest = self.get_image(release).await?;
            self.tell(release, ReleasePhase::Starting, Some(&digest), None);
            (self.start_instance(release, &digest).await?, Some(digest))
        };
        let digest = digest.as_deref();
        self.trial = Some(key);

        let port = release.spec.port;
        let progress = verify::waits_for(&self.context, port);
        self.context.board.mark(&key, Mark::Verifying);
        self.tell(release, ReleasePhase::Verifying, digest, Some(progress));
        verify::verify(&self.context, &key, port).await?;

        self.context.board.unmark(&key);
        self.trial = None;
        self.tell(release, ReleasePhase::Switching, digest, None);
        self.take_over(&key).await;
        self.tell(release, ReleasePhase::Live, digest, None);
        Ok(())
    }

    /// An instance of the release that runs already, as after a restart of the runner. What else
    /// there is of the release is a leftover of an attempt that was cut off.
    async fn running_instance(
        &mut self,
        release: &WorkloadRelease,
    ) -> Result<Option<InstanceKey>, RunnerError> {
        let mut mine = self.look().await?;
        mine.retain(|instance| instance.key.release_id == release.release_id);
        let running = mine.iter().position(|instance| instance.state.is_up());
        let running = running.map(|at| mine.remove(at).key);
        self.take_down(&keys(&mine)).await?;
        Ok(running)
    }

    /// The new instance works: those before it go.
    async fn take_over(&mut self, key: &InstanceKey) {
        let gone = async {
            let mut others = keys(&self.look().await?);
            others.retain(|other| other != key);
            self.take_down(&others).await
        };
        // The new instance is what runs, whether or not the old ones go at once; the rounds that
        // follow see to them.
        if let Err(error) = gone.await {
            warn!(
                deployment.id = %self.id,
                error.code,
                error = %error,
                source = ?error.source,
                "an older instance could not be taken down yet"
            );
        }
    }

    async fn give_up(&mut self, release: &WorkloadRelease, failure: Failure) {
        if let Err(error) = self.clear_away(release.release_id).await {
            warn!(
                deployment.id = %self.id,
                error.code,
                error = %error,
                "a failed instance could not be taken down yet"
            );
        }
        self.reporter.failed(release.release_id, failure);
    }

    /// An attempt at another release was cut off by this one.
    async fn drop_other_trial(&mut self, release: &WorkloadRelease) -> Result<(), RunnerError> {
        match self.trial {
            Some(key) if key.release_id != release.release_id => {
                self.take_down(&[key]).await?;
                self.trial = None;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn tell(
        &self,
        release: &WorkloadRelease,
        phase: ReleasePhase,
        image_digest: Option<&str>,
        progress: Option<Progress>,
    ) {
        self.reporter
            .phase(release.release_id, phase, image_digest, progress);
    }
}
