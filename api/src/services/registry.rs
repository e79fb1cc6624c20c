//! Registry credentials: sealed, and given to the runners that pull with them.

use models::{
    RegistryId, WorkspaceId,
    api::workspace::registry::{CreateRegistryRequest, UpdateRegistryRequest},
    error::ErrorCode,
    page::{Page, PageQuery},
    registry::Registry,
    runner::RegistryCredential,
    value::{ImageReference, RegistryHost, SecretText},
};

use super::{page, rows_wanted, sealed_spec};
use crate::{
    app::App,
    db::{Commit, Constraint, Snapshot, StoreError, Tx},
    error::AppError,
    jobs::Job,
    seal::{Context, DataKey},
    store::{self, registry::NewRegistry},
};

/// Stores credentials for a registry.
pub async fn create(
    app: &App,
    workspace_id: WorkspaceId,
    request: CreateRegistryRequest,
) -> Result<Registry, AppError> {
    let registry_id = RegistryId::from_uuid(app.ids.next());
    app.db
        .write(async |tx| {
            let key = sealed_spec::data_key(app, &mut *tx, workspace_id).await?;
            let new = NewRegistry {
                registry_id,
                workspace_id,
                host: &request.host,
                user_name: &request.user_name,
                sealed_password: &seal(&key, workspace_id, registry_id, &request.password),
                at: app.clock.now(),
            };
            let inserted = store::registry::insert(tx, new).await;
            inserted.map_err(host_taken)?;
            notify_runners(app, tx, workspace_id, &request.host).await?;
            let registry = store::registry::find(tx, workspace_id, registry_id).await?;
            Ok(Commit(registry))
        })
        .await
}

fn host_taken(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::RegistryHost) {
        ErrorCode::RegistryHostTaken.into()
    } else {
        error.into()
    }
}

/// Returns a registry without its password.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    registry_id: RegistryId,
) -> Result<Registry, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    Ok(store::registry::find(&mut snapshot, workspace_id, registry_id).await?)
}

/// Lists a workspace's registries by host, without their passwords.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    query: &PageQuery,
) -> Result<Page<Registry>, AppError> {
    let behind = query.cursor.as_ref().map_or("", |cursor| cursor.0.as_str());
    let mut snapshot = app.db.snapshot().await?;
    let rows =
        store::registry::list(&mut snapshot, workspace_id, behind, rows_wanted(query)).await?;
    page(rows, query, |last: &Registry| last.host.to_string(), Ok)
}

/// Replaces a registry's credentials, in whole or in part; the next pulls use them.
pub async fn update(
    app: &App,
    workspace_id: WorkspaceId,
    registry_id: RegistryId,
    request: UpdateRegistryRequest,
) -> Result<Registry, AppError> {
    app.db
        .write(async |tx| {
            let key = sealed_spec::data_key(app, &mut *tx, workspace_id).await?;
            let sealed = request
                .password
                .map(|password| seal(&key, workspace_id, registry_id, &password));
            let host = store::registry::update(
                tx,
                workspace_id,
                registry_id,
                request.user_name.as_ref(),
                sealed.as_deref(),
                app.clock.now(),
            )
            .await?
            .ok_or(ErrorCode::NotFound)?;
            notify_runners(app, tx, workspace_id, &host).await?;
            let registry = store::registry::find(tx, workspace_id, registry_id).await?;
            Ok(Commit(registry))
        })
        .await
}

/// Deletes the credentials for a registry, even while deployments use its images.
///
/// Revoking credentials must not wait for anything.
pub async fn delete(
    app: &App,
    workspace_id: WorkspaceId,
    registry_id: RegistryId,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let host = store::registry::delete(tx, workspace_id, registry_id)
                .await?
                .ok_or(ErrorCode::NotFound)?;
            notify_runners(app, tx, workspace_id, &host).await?;
            Ok(Commit(()))
        })
        .await
}

/// Returns the workspace's credential for the registry of an image, if any.
pub(super) async fn credential_for(
    app: &App,
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    image: &ImageReference,
) -> Result<Option<RegistryCredential>, AppError> {
    let host = image.registry();
    let found = store::registry::of_host(&mut *snapshot, workspace_id, &host).await?;
    let Some(kept) = found else {
        return Ok(None);
    };
    let key = sealed_spec::data_key(app, snapshot, workspace_id).await?;
    let password = key
        .open(
            &context(workspace_id, kept.registry_id()),
            &kept.sealed_password,
        )
        .map_err(AppError::internal)?;
    let password = std::str::from_utf8(&password).map_err(AppError::internal)?;
    Ok(Some(RegistryCredential {
        host,
        user_name: kept.user_name(),
        password: SecretText::new(password),
    }))
}

/// Enqueues the jobs that notify the runners affected by changed credentials.
async fn notify_runners(
    app: &App,
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    host: &RegistryHost,
) -> Result<(), AppError> {
    let affected = store::registry::deployments_using(tx, workspace_id, host).await?;
    for (deployment_id, runner_id) in affected {
        let job = Job::NotifyRunner {
            runner_id,
            deployment_id,
            run_id: None,
        };
        app.jobs.enqueue(tx, &job).await?;
    }
    Ok(())
}

fn seal(
    key: &DataKey,
    workspace_id: WorkspaceId,
    registry_id: RegistryId,
    password: &SecretText,
) -> Vec<u8> {
    key.seal(
        &context(workspace_id, registry_id),
        password.expose().as_bytes(),
    )
}

fn context(workspace_id: WorkspaceId, registry_id: RegistryId) -> Context {
    Context {
        workspace_id,
        kind: "registry",
        owner: registry_id.uuid(),
    }
}
