//! Deadlines of runs.

use models::{
    DeploymentId, RunId, WorkspaceId,
    deployment::{Failure, FailureCode, Fault},
    run::RunPhase,
};

use super::{QUEUED_MS, end, longest_ms};
use crate::{
    app::App,
    db::{Abandon, Commit},
    error::AppError,
    store::{self, run::RunUpdate},
};

/// Extension of the deadline while the runner has no link, in milliseconds.
const AWAY_MS: i64 = 2 * 60 * 1_000;
/// The time for a runner's first reports after its link began, in milliseconds.
const REPORT_MS: i64 = 60 * 1_000;
/// The longest wait for a runner without a link, in milliseconds.
///
/// It is counted from the time at which the run would have ended at the latest.
const LONGEST_AWAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Fails the runs whose runner did not report in time, so that every run ends.
///
/// A run goes on without a link, so once it began, the server waits for its runner to return,
/// and then for its report.
pub async fn expire_overdue(app: &App) -> Result<(), AppError> {
    let now = app.clock.now();
    for (run_id, deployment_id, workspace_id) in store::run::overdue(&app.db, now).await? {
        expire(app, workspace_id, deployment_id, run_id).await?;
    }
    Ok(())
}

async fn expire(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    run_id: RunId,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let deployment =
                store::deployment::find_locked(tx, workspace_id, deployment_id).await?;
            let Some(row) = store::run::of(tx, &deployment, run_id).await? else {
                return Ok(Abandon(()));
            };
            let (phase, now) = (row.phase()?, app.clock.now());
            // The run may have advanced since the list was read.
            if phase.is_terminal() || row.deadline_at().is_none_or(|at| at > now) {
                return Ok(Abandon(()));
            }
            let patience = QUEUED_MS + longest_ms(row.terms()) + LONGEST_AWAY_MS;
            let linked_since = store::runner::linked_since(tx, deployment.runner_id(), now).await?;
            let until = match linked_since {
                None => now.plus_millis(AWAY_MS),
                Some(since) => since.plus_millis(REPORT_MS),
            };
            // A runner that has begun it may have found no server to report to, and returns soon.
            let first_patience = row.created_at().plus_millis(QUEUED_MS + AWAY_MS);
            let may_have_begun =
                phase != RunPhase::Queued || linked_since.is_some() || now < first_patience;
            let may_wait = may_have_begun && now < row.created_at().plus_millis(patience);
            if may_wait && until > now {
                store::run::postpone(tx, &deployment, run_id, until).await?;
                return Ok(Commit(()));
            }
            let update = RunUpdate {
                phase: RunPhase::Failed,
                deadline_at: None,
                ended_at: Some(now),
                attempts: row.attempts().to_vec(),
                progress: None,
                failure: Some(too_late(phase)),
                image_digest: None,
            };
            end(app, tx, &deployment, &row, update).await?;
            tx.after_commit(move || {
                tracing::info!(run.id = %run_id, ?phase, "a run timed out and was ended");
            });
            Ok(Commit(()))
        })
        .await
}

fn too_late(phase: RunPhase) -> Failure {
    let (code, message) = if phase == RunPhase::Queued {
        (
            FailureCode::RunnerAway,
            "The runner did not report on the run in time. It may have begun it. Check the runner and the log before you run the task again.",
        )
    } else {
        (
            FailureCode::RunnerSilent,
            "The runner stopped reporting, so the result of the run is unknown. It may have ended. Check the runner and the log before you run the task again.",
        )
    };
    Failure {
        fault: Fault::Platform,
        code,
        message: message.to_owned(),
    }
}
