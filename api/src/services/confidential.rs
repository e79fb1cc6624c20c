//! What may be secret in a specification is kept sealed, apart from the rest of it.

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

/// What may be secret in a specification.
#[derive(Serialize, Deserialize)]
struct Confidential {
    environment: Vec<EnvironmentVariable>,
    config_files: Vec<ConfigFile>,
}

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

/// Takes what may be secret out of a specification and seals it for its owner, a deployment or a
/// release.
pub(super) fn seal(
    key: &DataKey,
    workspace_id: WorkspaceId,
    owner: Uuid,
    spec: &Spec,
) -> Result<(Spec, Vec<u8>), AppError> {
    let mut rest = spec.clone();
    let confidential = Confidential {
        environment: std::mem::take(&mut rest.environment),
        config_files: std::mem::take(&mut rest.config_files),
    };
    let sealed = key
        .seal_json(&context(workspace_id, owner), &confidential)
        .map_err(AppError::internal)?;
    Ok((rest, sealed))
}

/// Puts it back. What does not open stops whatever needs it.
pub(super) fn open(
    key: &DataKey,
    workspace_id: WorkspaceId,
    owner: Uuid,
    rest: &Spec,
    sealed: &[u8],
) -> Result<Spec, AppError> {
    let Confidential {
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
