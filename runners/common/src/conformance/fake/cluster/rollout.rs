//! Rollouts on a cluster.

use std::time::Duration;

use futures::StreamExt;
use models::{
    deployment::{Failure, FailureCode, Fault, Progress, PublishedPort, ReleasePhase},
    runner::WorkloadRelease,
};
use tokio::time::{Instant, sleep, timeout};

use super::reconciler::{ClusterReconciler, Worker};
use crate::{
    conformance::harness::answers_at,
    platform::{InstanceKey, LogStart, PlatformInstance, PlatformState, Reconciler, RunnerError},
    status::Condition,
};

/// Interval between two checks of new instances.
const TICK: Duration = Duration::from_millis(10);

impl ClusterReconciler {
    /// Rolls a release out; returns true if it is live, and false if it failed.
    pub(super) async fn roll_out(
        &self,
        worker: &Worker,
        generation: i64,
        release: &WorkloadRelease,
    ) -> Result<bool, RunnerError> {
        let (id, deployment) = (release.release_id, &worker.deployment);
        match self.try_roll_out(worker, generation, release).await {
            Ok(()) => Ok(true),
            Err(failure) => {
                deployment.report_failure(id, failure);
                deployment
                    .restore_traffic(&deployment.relist().await?)
                    .await;
                Ok(false)
            }
        }
    }

    async fn try_roll_out(
        &self,
        worker: &Worker,
        generation: i64,
        release: &WorkloadRelease,
    ) -> Result<(), Failure> {
        let (id, deployment) = (release.release_id, &worker.deployment);
        deployment.report_phase(id, ReleasePhase::Pulling, None, None);
        self.context.check_spec(&release.spec)?;
        let digest = self.digest(release).await?;
        deployment.report_phase(id, ReleasePhase::Starting, Some(&digest), None);
        let mut sets = vec![(release.clone(), digest.clone())];
        let previous = deployment.previous_release();
        // The host policy may have changed since it was live.
        let allowed = |previous: &&WorkloadRelease| self.context.check_spec(&previous.spec).is_ok();
        if let Some(previous) = previous.as_ref().filter(allowed) {
            sets.push((previous.clone(), self.digest(previous).await?));
        }
        deployment
            .restore_traffic(&deployment.relist().await?)
            .await;
        let kept: Vec<_> = sets.iter().map(|(release, _)| release.release_id).collect();
        self.client.apply(deployment.id().deployment_id, sets);
        // Instances of a rollout that this one superseded.
        while deployment
            .relist()
            .await?
            .iter()
            .any(|instance| !kept.contains(&instance.key.release_id))
        {
            sleep(TICK).await;
        }
        let message = match release.spec.http_port() {
            Some(port) => format!("Waiting for port {port} to answer"),
            None => "Waiting to check that it stays up".to_owned(),
        };
        let progress = Progress {
            message,
            done_bytes: None,
            total_bytes: None,
        };
        deployment.report_phase(id, ReleasePhase::Verifying, Some(&digest), Some(progress));
        let verified = self.verify(worker, release).await?;
        deployment.check_traffic(release, &verified).await?;

        deployment.report_phase(id, ReleasePhase::Switching, Some(&digest), None);
        for instance in &verified {
            deployment.clear_condition(&instance.key);
        }
        deployment
            .go_live(generation, release, &digest, &verified)
            .await?;
        deployment.live_saved().await;
        let old = deployment.relist().await?.into_iter();
        let old = old.filter(|instance| instance.key.release_id != id);
        let old: Vec<_> = old.map(|instance| instance.key).collect();
        deployment.drain(&old).await;
        let sets = vec![(release.clone(), digest.clone())];
        self.client.apply(deployment.id().deployment_id, sets);
        while deployment
            .relist()
            .await?
            .iter()
            .any(|instance| instance.key.release_id != id)
        {
            sleep(TICK).await;
        }
        deployment.report_phase(id, ReleasePhase::Live, Some(&digest), None);
        Ok(())
    }

    /// Waits until all wanted instances of a release work; returns them.
    async fn verify(
        &self,
        worker: &Worker,
        release: &WorkloadRelease,
    ) -> Result<Vec<PlatformInstance>, Failure> {
        let deployment = &worker.deployment;
        let timings = self.context.timings();
        let until = Instant::now() + timings.verify_timeout;
        let mut up_since = None;
        loop {
            let mut seen = deployment.relist().await?;
            seen.retain(|instance| instance.key.release_id == release.release_id);
            for instance in &seen {
                deployment.set_condition(&instance.key, Condition::Verifying);
                if let PlatformState::Exited { code, .. } = instance.state {
                    return Err(self.exited(&instance.key, code).await);
                }
            }
            let is_up = |one: &PlatformInstance| one.state == PlatformState::Running;
            if seen.len() == release.instance_count() && seen.iter().all(is_up) {
                let since = *up_since.get_or_insert_with(Instant::now);
                let is_verified = match release.spec.http_port() {
                    Some(_) => all_answer(&seen).await,
                    None => since.elapsed() >= timings.min_uptime,
                };
                if is_verified {
                    return Ok(seen);
                }
            }
            if Instant::now() >= until {
                let message = "The app is running, but did not respond to HTTP.";
                return Err(RunnerError::user(FailureCode::PortNotAnswering, message).into());
            }
            sleep(TICK).await;
        }
    }

    /// The failure of an app that exited, with its lines.
    async fn exited(&self, key: &InstanceKey, code: i64) -> Failure {
        let lines = self.logs(key, LogStart::BEGINNING);
        let lines = lines.filter_map(async |line| Some(line.ok()?.bytes));
        let lines: Vec<Vec<u8>> = lines.collect().await;
        let lines = String::from_utf8_lossy(&lines.join(&b'\n')).into_owned();
        Failure {
            fault: Fault::User,
            code: FailureCode::AppExited,
            message: format!("The app exited with code {code}.\n\nLast log lines:\n{lines}"),
        }
    }
}

async fn all_answer(instances: &[PlatformInstance]) -> bool {
    for instance in instances {
        let has_url = PublishedPort::url(&instance.ports).is_some();
        let answer = timeout(Duration::from_millis(500), answers_at(&instance.ports));
        if !has_url || !answer.await.unwrap_or(false) {
            return false;
        }
    }
    true
}
