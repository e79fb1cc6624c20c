//! Names of resources, and the ids behind them.

use models::{WorkspaceId, name_or_id::ResourceKind};
use uuid::Uuid;

use crate::db::{Db, StoreError, fetch_optional, statements};

statements! {
    DEPLOYMENT = "SELECT deployment_id FROM deployment WHERE workspace_id = $1 AND name = $2";
    REGISTRY = "SELECT registry_id FROM registry WHERE workspace_id = $1 AND host = $2";
    RUNNER = "SELECT runner_id FROM runner WHERE workspace_id = $1 AND name = $2";
    SECRET = "SELECT secret_id FROM secret WHERE workspace_id = $1 AND name = $2";
    VOLUME = "SELECT volume_id FROM volume WHERE workspace_id = $1 AND name = $2";
    WORKSPACE = "SELECT workspace_id FROM workspace WHERE workspace_id = $1 AND name = $2";
}

/// Finds the id of a workspace's resource, or of the workspace itself, by name.
///
/// # Errors
/// Database errors.
pub async fn id(
    db: &Db,
    workspace_id: WorkspaceId,
    kind: ResourceKind,
    name: &str,
) -> Result<Option<Uuid>, StoreError> {
    let statement = match kind {
        ResourceKind::Deployment => DEPLOYMENT,
        ResourceKind::Registry => REGISTRY,
        ResourceKind::Runner => RUNNER,
        ResourceKind::Secret => SECRET,
        ResourceKind::Volume => VOLUME,
        ResourceKind::Workspace => WORKSPACE,
    };
    let row = fetch_optional!(db, (Uuid,), statement, workspace_id.uuid(), name)?;
    Ok(row.map(|(id,)| id))
}
