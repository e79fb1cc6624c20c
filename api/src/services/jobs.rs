//! Handlers of the background jobs, one file each, with their intervals.

mod auto_deploy;
mod compact_log;
mod notify_runner;
mod prune_registrations;
mod prune_sessions;
mod purge_deployment;
pub(super) mod purge_volumes;
mod roll_up_stats;
mod trim_logs;

use crate::{
    app::App,
    db::Commit,
    error::AppError,
    jobs::{Handler, Job, JobError, Outcome},
};

/// The recurring jobs, with their intervals in milliseconds.
const RECURRING: [(Job, i64); 5] = [
    (Job::PruneRegistrations, prune_registrations::EVERY_MS),
    (Job::PruneSessions, prune_sessions::EVERY_MS),
    (Job::PurgeVolumes, purge_volumes::EVERY_MS),
    (Job::TrimLogs, trim_logs::EVERY_MS),
    (Job::RollUpStats, roll_up_stats::EVERY_MS),
];

impl Handler<Job> for App {
    async fn run(&self, job: Job) -> Result<Outcome, JobError> {
        let outcome = match job {
            Job::CompactLog { deployment_id } => compact_log::run(self, deployment_id).await,
            Job::AutoDeploy {
                workspace_id,
                deployment_id,
            } => auto_deploy::run(self, workspace_id, deployment_id).await,
            Job::PurgeDeployment {
                deployment_id,
                runner_id,
                generation,
            } => purge_deployment::run(self, runner_id, deployment_id, generation).await,
            Job::NotifyRunner {
                runner_id,
                deployment_id,
                run_id,
            } => Ok(notify_runner::run(self, runner_id, deployment_id, run_id)),
            Job::PruneRegistrations => prune_registrations::run(self).await,
            Job::PruneSessions => prune_sessions::run(self).await,
            Job::PurgeVolumes => purge_volumes::run(self).await,
            Job::TrimLogs => trim_logs::run(self).await,
            Job::RollUpStats => roll_up_stats::run(self).await,
        };
        Ok(outcome?)
    }
}

/// Enqueues the recurring jobs that are not enqueued yet.
pub async fn schedule_recurring(app: &App) -> Result<(), AppError> {
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            for (job, every_ms) in RECURRING {
                let first = now.plus_millis(every_ms);
                app.jobs.enqueue_unless_there(tx, &job, first).await?;
            }
            Ok(Commit(()))
        })
        .await
}

/// The outcome of a recurring job that is done until its next time.
fn again_in(app: &App, millis: i64) -> Outcome {
    Outcome::RunAgainAt(app.clock.now().plus_millis(millis))
}
