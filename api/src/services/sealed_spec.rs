//! Sealing of the secret parts of specifications, apart from the rest.

use models::{
    WorkspaceId,
    deployment::{ConfigFile, Spec},
    value::EnvironmentVariable,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    app::App,
    db::Source,
    error::AppError,
    seal::{Context, DataKey},
    store,
};

/// The secret parts of a specification.
#[derive(Serialize, Deserialize)]
struct SealedFields {
    environment: Vec<EnvironmentVariable>,
    config_files: Vec<ConfigFile>,
}

/// Opens a workspace's data key.
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

/// Splits the secret parts off a specification and seals them.
///
/// They are sealed for their owner, a deployment or a release.
pub(super) fn seal(
    key: &DataKey,
    workspace_id: WorkspaceId,
    owner: Uuid,
    spec: &Spec,
) -> Result<(Spec, Vec<u8>), AppError> {
    let mut rest = spec.clone();
    let fields = SealedFields {
        environment: std::mem::take(&mut rest.environment),
        config_files: std::mem::take(&mut rest.config_files),
    };
    let sealed = key
        .seal_json(&context(workspace_id, owner), &fields)
        .map_err(AppError::internal)?;
    Ok((rest, sealed))
}

/// Opens the secret parts and merges them into the specification.
///
/// A seal that does not open is an error for the whole operation.
pub(super) fn open(
    key: &DataKey,
    workspace_id: WorkspaceId,
    owner: Uuid,
    rest: &Spec,
    sealed: &[u8],
) -> Result<Spec, AppError> {
    let SealedFields {
        environment,
        config_files,
    } = key
        .open_json(&context(workspace_id, owner), sealed)
        .map_err(AppError::internal)?;
    Ok(Spec {
        environment,
        config_files,
        ..rest.clone()
    })
}

fn context(workspace_id: WorkspaceId, owner: Uuid) -> Context {
    Context {
        workspace_id,
        kind: "specification",
        owner,
    }
}
