//! Creation of runs.

use models::{
    DeploymentId, RunId, WorkspaceId,
    api::workspace::deployment::CreateRunRequest,
    deployment::DesiredState,
    error::ErrorCode,
    run::{DEFAULT_TIMEOUT_MS, MAX_ACTIVE_RUNS, Run, RunTerms},
};

use super::{QUEUED_MS, notify, whole};
use crate::{
    actor::Actor,
    app::App,
    db::{Commit, Tx},
    error::AppError,
    services::{Redactable, resolved_spec::ResolvedSpec, sealed_spec},
    store::{self, deployment::LockedDeployment, run::NewRun},
};

/// Runs of a deployment that are kept once they ended.
const KEPT: i64 = 200;

/// Creates a run with the settings of the live release, or else of the newest one.
pub async fn create(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    request: CreateRunRequest,
) -> Result<Redactable<Run>, AppError> {
    app.db
        .write(async |tx| {
            let deployment =
                store::deployment::find_locked(tx, workspace_id, deployment_id).await?;
            check(app, tx, &deployment).await?;
            let release = match store::release::live(&mut *tx, &deployment).await? {
                Some(live) => Some(live),
                None => store::release::newest(&mut *tx, &deployment).await?,
            };
            let release = release.ok_or(ErrorCode::DeploymentNeverLive)?;
            let run_id = RunId::from_uuid(app.ids.next());
            let key = sealed_spec::data_key(app, &mut *tx, workspace_id).await?;
            let resolved = ResolvedSpec::open(&key, workspace_id, &release)?
                .into_task(&request.entrypoint, &request.arguments);
            let (spec, sealed_fields) = resolved.seal(&key, workspace_id, run_id.uuid())?;
            let (image_digest, now) = (release.image_digest(), app.clock.now());
            let run = NewRun {
                run_id,
                deadline_at: now.plus_millis(QUEUED_MS),
                release_id: release.release_id(),
                spec: &spec,
                sealed_fields: &sealed_fields,
                image_digest: image_digest.as_ref(),
                terms: RunTerms {
                    timeout_ms: request.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS),
                    retries: request.retries.unwrap_or_default(),
                },
                created_by: actor.user_id(),
                created_by_kind: actor.kind,
                created_by_name: &actor.name,
                at: now,
            };
            store::run::insert(tx, &deployment, run, KEPT).await?;
            notify(app, tx, &deployment, run_id).await?;
            let row = store::run::find(&mut *tx, workspace_id, deployment_id, run_id).await?;
            let run = whole(app, &mut *tx, workspace_id, &row).await?;
            Ok(Commit(Redactable::new(run)))
        })
        .await
}

async fn check(app: &App, tx: &mut Tx, deployment: &LockedDeployment) -> Result<(), AppError> {
    if deployment.desired()? == DesiredState::Deleted {
        return Err(ErrorCode::DeploymentBeingDeleted.into());
    }
    let (workspace_id, now) = (deployment.workspace_id(), app.clock.now());
    let runner = store::runner::find(&mut *tx, workspace_id, deployment.runner_id(), now).await?;
    let about = runner.and_then(|runner| runner.about);
    // A runner that was never connected may support them.
    if about.is_some_and(|about| !about.runs) {
        return Err(ErrorCode::RunnerWithoutRuns.into());
    }
    if store::run::count_active(tx, deployment).await? >= MAX_ACTIVE_RUNS {
        return Err(ErrorCode::TooManyRuns.into());
    }
    Ok(())
}
