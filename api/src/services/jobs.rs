//! Handlers of the background jobs.

use models::time::Timestamp;

use crate::{
    app::App,
    bus::Event,
    db::Commit,
    error::AppError,
    jobs::{Handler, Job, JobError, Outcome},
    services::{auto_deploy, deployment, log, registration, stats, volume},
    session_store,
};

/// Interval of session pruning, in milliseconds.
///
/// Expired sessions are refused before they are removed.
const PRUNE_EVERY_MS: i64 = 60 * 60_000;

impl Handler<Job> for App {
    async fn run(&self, job: Job) -> Result<Outcome, JobError> {
        match job {
            Job::CompactLog { deployment_id } => {
                log::compact(self, deployment_id).await?;
                Ok(Outcome::Done)
            }
            Job::AutoDeploy {
                workspace_id,
                deployment_id,
            } => {
                let again = auto_deploy::deploy_if_due(self, workspace_id, deployment_id).await?;
                Ok(again.map_or(Outcome::Done, Outcome::RunAgainAt))
            }
            Job::PurgeDeployment {
                deployment_id,
                runner_id,
                generation,
            } => {
                deployment::purge(self, runner_id, deployment_id, generation).await?;
                Ok(Outcome::Done)
            }
            Job::NotifyRunner {
                runner_id,
                deployment_id,
            } => {
                self.bus.publish(Event::DesiredChanged {
                    runner_id,
                    deployment_id: Some(deployment_id),
                });
                Ok(Outcome::Done)
            }
            Job::PruneRegistrations => {
                registration::prune(self).await?;
                let next = self.clock.now().plus_millis(registration::PRUNE_EVERY_MS);
                Ok(Outcome::RunAgainAt(next))
            }
            Job::PruneSessions => {
                let now = self.clock.now();
                self.db
                    .write(async |tx| session_store::prune(tx, now).await.map(Commit))
                    .await?;
                Ok(Outcome::RunAgainAt(next_prune(now)))
            }
            Job::PurgeVolumes => {
                volume::purge_due(self).await?;
                Ok(Outcome::RunAgainAt(next_purge(self.clock.now())))
            }
            Job::TrimLogs => {
                log::trim(self).await?;
                let next = self.clock.now().plus_millis(log::TRIM_EVERY_MS);
                Ok(Outcome::RunAgainAt(next))
            }
            Job::RollUpStats => {
                stats::roll_up_due(self).await?;
                Ok(Outcome::RunAgainAt(next_roll_up(self.clock.now())))
            }
        }
    }
}

/// Enqueues the recurring jobs that are not enqueued yet.
pub async fn schedule_recurring(app: &App) -> Result<(), AppError> {
    let now = app.clock.now();
    let recurring = [
        (
            Job::PruneRegistrations,
            now.plus_millis(registration::PRUNE_EVERY_MS),
        ),
        (Job::PruneSessions, next_prune(now)),
        (Job::PurgeVolumes, next_purge(now)),
        (Job::TrimLogs, now.plus_millis(log::TRIM_EVERY_MS)),
        (Job::RollUpStats, next_roll_up(now)),
    ];
    app.db
        .write(async |tx| {
            for (job, first) in recurring {
                app.jobs.enqueue_unless_there(tx, &job, first).await?;
            }
            Ok(Commit(()))
        })
        .await
}

const fn next_roll_up(now: Timestamp) -> Timestamp {
    now.plus_millis(stats::ROLL_UP_EVERY_MS)
}

const fn next_purge(now: Timestamp) -> Timestamp {
    now.plus_millis(volume::PURGE_EVERY_MS)
}

const fn next_prune(now: Timestamp) -> Timestamp {
    now.plus_millis(PRUNE_EVERY_MS)
}
