//! Environments are kept sealed, apart from the rest of the specification.

use models::{WorkspaceId, deployment::Spec, value::EnvironmentVariable};
use uuid::Uuid;

use crate::{
    app::App,
    db::Source,
    error::AppError,
    seal::{Context, DataKey},
    store,
};

/// A workspace's data key, opened.
pub(super) async fn data_key(
    app: &App,
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
) -> Result<DataKey, AppError> {
    let sealed = store::workspace::data_key(source, workspace_id).await?;
    app.master_key
        .open_data_key(workspace_id, &sealed)
        .map_err(AppError::internal)
}

/// Takes the environment out of a specification and seals it for its owner, a deployment or a
/// release.
pub(super) fn seal(
    key: &DataKey,
    workspace_id: WorkspaceId,
    owner: Uuid,
    spec: &Spec,
) -> Result<(Spec, Vec<u8>), AppError> {
    let sealed = key
        .seal_json(&context(workspace_id, owner), &spec.environment)
        .map_err(AppError::internal)?;
    let rest = Spec {
        environment: Vec::new(),
        ..spec.clone()
    };
    Ok((rest, sealed))
}

/// Puts the environment back. One that does not open stops whatever needs it.
pub(super) fn open(
    key: &DataKey,
    workspace_id: WorkspaceId,
    owner: Uuid,
    rest: &Spec,
    sealed: &[u8],
) -> Result<Spec, AppError> {
    let environment: Vec<EnvironmentVariable> = key
        .open_json(&context(workspace_id, owner), sealed)
        .map_err(AppError::internal)?;
    Ok(Spec {
        environment,
        ..rest.clone()
    })
}

fn context(workspace_id: WorkspaceId, owner: Uuid) -> Context {
    Context {
        workspace_id,
        kind: "environment",
        owner,
    }
}
