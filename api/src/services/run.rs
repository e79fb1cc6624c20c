//! Runs: tasks of a deployment that end.
//!
//! A run is created with the settings of a release, handed to the runner as a workload of its
//! own, and told to go once it ended. Every run ends: the server fails it when its runner does
//! not report in time.

mod create;
mod expire;
mod report;

use models::{
    DeploymentId, RunId, RunnerId, WorkspaceId,
    deployment::DesiredState,
    error::ErrorCode,
    page::{Page, PageQuery},
    run::{Run, RunPhase, RunTerms},
    runner::{Workload, WorkloadRelease, WorkloadRun},
    time::Timestamp,
};

pub use self::{create::create, expire::expire_overdue, report::report};
use super::{
    Redactable, deployment::changed, registry, resolved_spec::ResolvedSpec, rows_wanted,
    sealed_spec, workload,
};
use crate::{
    app::App,
    db::{Commit, OneState, Snapshot, Tx},
    error::AppError,
    jobs::Job,
    store::{
        self,
        deployment::LockedDeployment,
        run::{Run as Row, RunUpdate},
    },
};

/// The time that a runner has to begin a run, in milliseconds; as for a release.
const QUEUED_MS: i64 = 10 * 60 * 1_000;
/// The time for the image and for reports, in milliseconds.
///
/// It is added to that of the attempts.
const SLACK_MS: i64 = 20 * 60 * 1_000;
/// The time between two attempts: stopping one, and the pause. In milliseconds.
const BETWEEN_MS: i64 = 12 * 60 * 1_000;

/// Cancels a run that has not ended.
pub async fn cancel(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    run_id: RunId,
) -> Result<Redactable<Run>, AppError> {
    app.db
        .write(async |tx| {
            let deployment =
                store::deployment::find_locked(tx, workspace_id, deployment_id).await?;
            let row = store::run::find(&mut *tx, workspace_id, deployment_id, run_id).await?;
            if row.phase()?.is_terminal() {
                return Err(ErrorCode::RunEnded.into());
            }
            end(app, tx, &deployment, &row, cancelled(app, &row)).await?;
            let row = store::run::find(&mut *tx, workspace_id, deployment_id, run_id).await?;
            let run = whole(app, &mut *tx, workspace_id, &row).await?;
            Ok(Commit(Redactable::new(run)))
        })
        .await
}

/// Cancels all runs of a deployment, because it is deleted.
pub(super) async fn cancel_all(
    app: &App,
    tx: &mut Tx,
    deployment: &LockedDeployment,
) -> Result<(), AppError> {
    for row in store::run::active(tx, deployment).await? {
        end(app, tx, deployment, &row, cancelled(app, &row)).await?;
    }
    Ok(())
}

fn cancelled(app: &App, row: &Row) -> RunUpdate {
    RunUpdate {
        phase: RunPhase::Cancelled,
        deadline_at: None,
        ended_at: Some(app.clock.now()),
        attempts: row.attempts().to_vec(),
        progress: None,
        failure: None,
        image_digest: None,
    }
}

/// Ends a run, and tells the runner and the pages after the commit.
async fn end(
    app: &App,
    tx: &mut Tx,
    deployment: &LockedDeployment,
    row: &Row,
    update: RunUpdate,
) -> Result<(), AppError> {
    store::run::update(tx, deployment, row.run_id(), &update).await?;
    let phase = update.phase;
    tx.after_commit(move || {
        metrics::counter!("berth_runs_total", "end" => phase.name()).increment(1);
    });
    notify(app, tx, deployment, row.run_id()).await
}

/// Tells the runner and the pages of a run's new state after the commit.
async fn notify(
    app: &App,
    tx: &mut Tx,
    deployment: &LockedDeployment,
    run_id: RunId,
) -> Result<(), AppError> {
    let (workspace_id, deployment_id) = (deployment.workspace_id(), deployment.deployment_id());
    let job = Job::NotifyRunner {
        runner_id: deployment.runner_id(),
        deployment_id,
        run_id: Some(run_id),
    };
    app.jobs.enqueue(tx, &job).await?;
    changed(app, tx, workspace_id, deployment_id);
    Ok(())
}

/// Returns the longest time until a run ends, from the start of its first attempt.
///
/// In milliseconds.
fn longest_ms(terms: RunTerms) -> i64 {
    let attempt_ms = terms.timeout_ms.saturating_add(BETWEEN_MS);
    attempt_ms
        .saturating_mul(i64::from(terms.attempts()))
        .saturating_add(SLACK_MS)
}

/// Returns a run.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    run_id: RunId,
) -> Result<Redactable<Run>, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    let row = store::run::find(&mut snapshot, workspace_id, deployment_id, run_id).await?;
    let run = whole(app, &mut snapshot, workspace_id, &row).await?;
    Ok(Redactable::new(run))
}

/// Lists a deployment's runs, newest first.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &PageQuery,
) -> Result<Redactable<Page<Run>>, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    // A missing deployment is "not found", not an empty list.
    store::deployment::find(&mut snapshot, workspace_id, deployment_id).await?;
    let before = match &query.cursor {
        None => i64::MAX,
        Some(cursor) => cursor.0.parse().map_err(|_| ErrorCode::CursorInvalid)?,
    };
    let wanted = rows_wanted(query);
    let rows = store::run::list(&mut snapshot, workspace_id, deployment_id, before, wanted).await?;
    let mut runs = Vec::with_capacity(rows.rows.len());
    for row in rows.rows {
        runs.push(whole(app, &mut snapshot, workspace_id, &row).await?);
    }
    let rows = store::Rows {
        rows: runs,
        total: rows.total,
    };
    let page = super::page(rows, query, |last: &Run| last.number.to_string(), Ok)?;
    Ok(Redactable::new(page))
}

/// Returns a run with its variables and files, except for values of secrets.
async fn whole(
    app: &App,
    source: impl Into<OneState<'_>>,
    workspace_id: WorkspaceId,
    row: &Row,
) -> Result<Run, AppError> {
    let key = sealed_spec::data_key(app, source.into(), workspace_id).await?;
    Ok(Run {
        run_id: row.run_id(),
        deployment_id: row.deployment_id(),
        number: row.number,
        phase: row.phase()?,
        progress: row.progress(),
        failure: row.failure(),
        attempts: row.attempts().to_vec(),
        terms: row.terms(),
        release_id: row.release_id(),
        spec: ResolvedSpec::open_run(&key, workspace_id, row)?.into_spec(),
        image_digest: row.image_digest(),
        deadline_at: row.deadline_at(),
        created_by: row.created_by()?,
        created_at: row.created_at(),
        ended_at: row.ended_at(),
    })
}

/// Returns the workloads of a runner's runs that have not ended.
pub(super) async fn workloads_of_runner(
    app: &App,
    runner_id: RunnerId,
) -> Result<Vec<Workload>, AppError> {
    let mut workloads = Vec::new();
    for (run_id, deployment_id) in store::run::active_of_runner(&app.db, runner_id).await? {
        let workload = workload(app, runner_id, deployment_id, run_id).await?;
        if workload.desired == DesiredState::Running {
            workloads.push(workload);
        }
    }
    Ok(workloads)
}

/// Returns the desired state of a run.
///
/// Deleted if the run ended, is gone or belongs to another runner.
pub async fn workload(
    app: &App,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    run_id: RunId,
) -> Result<Workload, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    let snapshot = &mut snapshot;
    let located = store::deployment::locate(&mut *snapshot, deployment_id, runner_id).await?;
    if let Some(workspace_id) = located {
        let run = store::run::find(&mut *snapshot, workspace_id, deployment_id, run_id).await;
        match run {
            Ok(row) if !row.phase()?.is_terminal() => {
                return of_row(app, snapshot, workspace_id, &row).await;
            }
            Ok(_) | Err(crate::db::StoreError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Workload {
        deployment_id,
        generation: 2,
        desired: DesiredState::Deleted,
        release: None,
        watched_tag: None,
        network: None,
        run: Some(WorkloadRun {
            run_id,
            // Nothing is tried any more.
            terms: RunTerms {
                timeout_ms: 1_000,
                retries: 0,
            },
            attempts_begun: 0,
        }),
    })
}

async fn of_row(
    app: &App,
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    row: &Row,
) -> Result<Workload, AppError> {
    let key = sealed_spec::data_key(app, &mut *snapshot, workspace_id).await?;
    let resolved = ResolvedSpec::open_run(&key, workspace_id, row)?;
    let image = &row.spec().image;
    let registry_credential = registry::credential_for(app, snapshot, workspace_id, image).await?;
    let newest = row.attempts().last();
    let deployment =
        store::deployment::find(&mut *snapshot, workspace_id, row.deployment_id()).await?;
    Ok(Workload {
        deployment_id: row.deployment_id(),
        generation: 1,
        desired: DesiredState::Running,
        release: Some(WorkloadRelease {
            release_id: row.release_id(),
            live: false,
            instances: None,
            routes: Vec::new(),
            spec: resolved.for_runner(),
            image_digest: row.image_digest(),
            expected_volumes: Vec::new(),
            registry_credential,
        }),
        watched_tag: None,
        network: Some(workload::network(&deployment)),
        run: Some(WorkloadRun {
            run_id: row.run_id(),
            terms: row.terms(),
            attempts_begun: newest.map_or(0, |attempt| attempt.number),
        }),
    })
}

/// Returns the deadline of a run whose attempts this long have been begun.
fn deadline(terms: RunTerms, begun: u16, now: Timestamp) -> Timestamp {
    let left = RunTerms {
        retries: terms.attempts().saturating_sub(begun.max(1)),
        ..terms
    };
    now.plus_millis(longest_ms(left))
}
