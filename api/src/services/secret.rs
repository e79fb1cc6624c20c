//! Secrets: sealed, and given to the releases that reference them.

use models::{
    SecretId, WorkspaceId,
    api::workspace::secret::CreateSecretRequest,
    deployment::Spec,
    error::ErrorCode,
    page::{EnvironmentPageQuery, Page},
    secret::Secret,
    value::SecretValue,
};

use super::{behind, environment, name_cursor, page, rows_wanted, sealed_spec};
use crate::{
    app::App,
    db::{Commit, Constraint, Source, StoreError, Tx},
    error::AppError,
    seal::{Context, DataKey},
    store::{self, deployment::LockedDeployment, secret::NewSecret},
};

/// Creates a secret.
pub async fn create(
    app: &App,
    workspace_id: WorkspaceId,
    request: CreateSecretRequest,
) -> Result<Secret, AppError> {
    let secret_id = SecretId::from_uuid(app.ids.next());
    app.db
        .write(async |tx| {
            let wanted = request.environment.as_ref();
            let environment = environment::find(&mut *tx, workspace_id, wanted).await?;
            let key = sealed_spec::data_key(app, &mut *tx, workspace_id).await?;
            let new = NewSecret {
                secret_id,
                workspace_id,
                environment_id: environment.environment_id,
                name: &request.name,
                sealed_value: &seal(&key, workspace_id, secret_id, &request.secret_value),
                at: app.clock.now(),
            };
            let inserted = store::secret::insert(tx, new).await;
            inserted.map_err(|error| {
                // The environment was deleted since the check.
                if error.is_conflict(Constraint::ForeignKey) {
                    ErrorCode::EnvironmentNotFound.into()
                } else {
                    name_taken(error)
                }
            })?;
            let secret = store::secret::find(tx, workspace_id, secret_id).await?;
            Ok(Commit(secret))
        })
        .await
}

fn name_taken(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::SecretName) {
        ErrorCode::SecretNameTaken.into()
    } else {
        error.into()
    }
}

/// Returns a secret without its value.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    secret_id: SecretId,
) -> Result<Secret, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    Ok(store::secret::find(&mut snapshot, workspace_id, secret_id).await?)
}

/// Lists a workspace's secrets by name, without their values.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    query: &EnvironmentPageQuery,
) -> Result<Page<Secret>, AppError> {
    let wanted = query.page();
    let (behind, limit) = (behind(&wanted)?, rows_wanted(&wanted));
    let mut snapshot = app.db.snapshot().await?;
    let within = environment::within(&mut snapshot, workspace_id, query).await?;
    let rows = store::secret::list(&mut snapshot, workspace_id, within, behind, limit).await?;
    let cursor = |last: &Secret| name_cursor(&last.name, last.secret_id.uuid());
    page(rows, &wanted, cursor, Ok)
}

/// Replaces a secret's value; the next releases use it.
pub async fn update(
    app: &App,
    workspace_id: WorkspaceId,
    secret_id: SecretId,
    value: &SecretValue,
) -> Result<Secret, AppError> {
    app.db
        .write(async |tx| {
            let key = sealed_spec::data_key(app, &mut *tx, workspace_id).await?;
            let sealed = seal(&key, workspace_id, secret_id, value);
            let now = app.clock.now();
            if !store::secret::set_value(tx, workspace_id, secret_id, &sealed, now).await? {
                return Err(ErrorCode::NotFound.into());
            }
            let secret = store::secret::find(tx, workspace_id, secret_id).await?;
            Ok(Commit(secret))
        })
        .await
}

/// Deletes a secret that no deployment uses.
pub async fn delete(
    app: &App,
    workspace_id: WorkspaceId,
    secret_id: SecretId,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let deleted = store::secret::delete(tx, workspace_id, secret_id).await;
            if !deleted.map_err(in_use)? {
                return Err(ErrorCode::NotFound.into());
            }
            Ok(Commit(()))
        })
        .await
}

fn in_use(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::ForeignKey) {
        ErrorCode::SecretInUse.into()
    } else {
        error.into()
    }
}

/// Records which secrets a deployment's settings reference.
///
/// Each must belong to the deployment's environment.
pub(super) async fn record_refs(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    spec: &Spec,
) -> Result<(), AppError> {
    check_refs(tx, deployment, spec).await?;
    store::secret::set_uses(tx, deployment, refs(spec)).await?;
    Ok(())
}

/// Rejects a specification that references a missing secret.
pub(super) async fn check_refs(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    spec: &Spec,
) -> Result<(), AppError> {
    for secret_id in refs(spec) {
        if !store::secret::is_beside(tx, deployment, secret_id).await? {
            return Err(ErrorCode::SecretNotFound.into());
        }
    }
    Ok(())
}

/// Records secrets like [`record_refs`], for settings that follow a release.
///
/// A secret that was deleted meanwhile is left out. The next release of the settings reports
/// that it is missing.
pub(super) async fn record_existing_refs(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    spec: &Spec,
) -> Result<(), AppError> {
    let mut left = Vec::new();
    for secret_id in refs(spec) {
        if store::secret::is_beside(tx, deployment, secret_id).await? {
            left.push(secret_id);
        }
    }
    store::secret::set_uses(tx, deployment, left.into_iter()).await?;
    Ok(())
}

/// Returns a secret's current value.
pub(super) async fn value_of(
    app: &App,
    mut source: Source<'_>,
    workspace_id: WorkspaceId,
    secret_id: SecretId,
) -> Result<String, AppError> {
    let sealed = store::secret::sealed_value(source.reborrow(), workspace_id, secret_id)
        .await?
        .ok_or(ErrorCode::SecretNotFound)?;
    let key = sealed_spec::data_key(app, source, workspace_id).await?;
    let value = key
        .open(&context(workspace_id, secret_id), &sealed)
        .map_err(AppError::internal)?;
    let text = std::str::from_utf8(&value).map_err(AppError::internal)?;
    Ok(text.to_owned())
}

fn refs(spec: &Spec) -> impl Iterator<Item = SecretId> + '_ {
    let variables = spec.environment.iter().map(|variable| variable.secret_id);
    let files = spec.config_files.iter().map(|file| file.secret_id);
    variables.chain(files).flatten()
}

fn seal(
    key: &DataKey,
    workspace_id: WorkspaceId,
    secret_id: SecretId,
    value: &SecretValue,
) -> Vec<u8> {
    key.seal(&context(workspace_id, secret_id), value.expose().as_bytes())
}

fn context(workspace_id: WorkspaceId, secret_id: SecretId) -> Context {
    Context {
        workspace_id,
        kind: "secret",
        owner: secret_id.uuid(),
    }
}
