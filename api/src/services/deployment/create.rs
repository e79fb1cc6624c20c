//! Creation of deployments.

use models::{
    DeploymentId, WorkspaceId,
    api::workspace::deployment::CreateDeploymentRequest,
    deployment::{Deployment, DesiredState, ReleaseReason, SourceKind},
    error::ErrorCode,
};

use super::{change::Change, update::invalid};
use crate::{
    actor::Actor,
    app::App,
    db::{Commit, Constraint, StoreError},
    error::AppError,
    services::{
        Redactable, auto_deploy, environment, machine_type, release::ReleaseDraft, sealed_spec,
    },
    store::{self, deployment::NewDeployment},
};

/// Creates a deployment and, unless it should wait, its first release.
pub async fn create(
    app: &App,
    actor: &Actor,
    workspace_id: WorkspaceId,
    request: CreateDeploymentRequest,
) -> Result<Redactable<Deployment>, AppError> {
    let source = request.source.unwrap_or_default();
    if source.kind == SourceKind::Git {
        return Err(ErrorCode::SourceNotSupported.into());
    }
    let wanted = machine_type::resolve(app, request.machine_type.as_ref(), request.spec)?;
    let wanted = wanted.restore_redacted(None).map_err(invalid)?;
    let deploy = request.deploy.unwrap_or(true);
    let deployment_id = DeploymentId::from_uuid(app.ids.next());
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            let runner_id = request.runner_id;
            let runner = store::runner::find(&mut *tx, workspace_id, runner_id, now).await?;
            let runner = runner.ok_or(ErrorCode::RunnerNotFound)?;
            if request.auto_deploy == Some(true) {
                auto_deploy::check_capability(&runner)?;
            }
            let wanted_environment = request.environment.as_ref();
            let environment = environment::find(&mut *tx, workspace_id, wanted_environment).await?;
            let key = sealed_spec::data_key(app, &mut *tx, workspace_id).await?;
            let (spec, sealed_fields) =
                sealed_spec::seal(&key, workspace_id, deployment_id.uuid(), &wanted)?;
            let new = NewDeployment {
                deployment_id,
                workspace_id,
                environment_id: environment.environment_id,
                name: &request.name,
                runner_id,
                desired: if deploy {
                    DesiredState::Running
                } else {
                    DesiredState::Stopped
                },
                spec: &spec,
                sealed_fields: &sealed_fields,
                at: now,
            };
            let inserted = store::deployment::insert(tx, new).await;
            let row = inserted.map_err(name_taken)?;
            let mut change = Change { app, tx, row };
            change.claim(&wanted).await?;
            let (image, is_on) = (&wanted.image, request.auto_deploy);
            auto_deploy::configure(change.tx, &change.row, image, is_on).await?;
            if deploy {
                let draft = ReleaseDraft::of_settings(&wanted, ReleaseReason::Created, None);
                change.release(actor, draft).await?;
            }
            change.finish().await?;
            Ok(Commit(change.read().await?))
        })
        .await
}

fn name_taken(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::DeploymentName) {
        ErrorCode::DeploymentNameTaken.into()
    } else {
        error.into()
    }
}
