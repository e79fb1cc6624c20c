//! Names of resources, and the ids behind them.

use models::{
    WorkspaceId,
    name_or_id::{ResourceKind, split_qualified},
};
use uuid::Uuid;

use crate::db::{Db, StoreError, fetch_optional, statements};

/// Appends the condition on the environment.
///
/// Its name is `$3`, and its project's `$4`. Without a name, it is the default one, which is the oldest.
macro_rules! in_environment {
    ($select:literal) => {
        concat!(
            $select,
            " AND environment_id = (
                 SELECT e.environment_id FROM environment e
                 WHERE e.project_id = (SELECT p.project_id FROM project p
                                       WHERE p.workspace_id = $1 AND p.name = COALESCE($4, p.name)
                                       ORDER BY p.project_id LIMIT 1)
                   AND e.name = COALESCE($3, e.name)
                 ORDER BY e.environment_id LIMIT 1)"
        )
    };
}

statements! {
    DEPLOYMENT = in_environment!(
        "SELECT deployment_id FROM deployment WHERE workspace_id = $1 AND name = $2"
    );
    // The name of an environment is $2, and its project's $3.
    ENVIRONMENT = "SELECT e.environment_id FROM environment e
                   WHERE e.name = $2
                     AND e.project_id = (SELECT p.project_id FROM project p
                                         WHERE p.workspace_id = $1 AND p.name = COALESCE($3, p.name)
                                         ORDER BY p.project_id LIMIT 1)";
    PROJECT = "SELECT project_id FROM project WHERE workspace_id = $1 AND name = $2";
    REGISTRY = "SELECT registry_id FROM registry WHERE workspace_id = $1 AND host = $2";
    RUNNER = "SELECT runner_id FROM runner WHERE workspace_id = $1 AND name = $2";
    SECRET = in_environment!("SELECT secret_id FROM secret WHERE workspace_id = $1 AND name = $2");
    VOLUME = in_environment!("SELECT volume_id FROM volume WHERE workspace_id = $1 AND name = $2");
    WORKSPACE = "SELECT workspace_id FROM workspace WHERE workspace_id = $1 AND name = $2";
}

/// Finds the id of a workspace's resource, or of the workspace itself, by name.
///
/// The name may be qualified where it is unique in an environment or a project only.
///
/// # Errors
/// Database errors.
pub async fn id(
    db: &Db,
    workspace_id: WorkspaceId,
    kind: ResourceKind,
    name: &str,
) -> Result<Option<Uuid>, StoreError> {
    let workspace_id = workspace_id.uuid();
    let row = match kind {
        ResourceKind::Deployment => in_environment(db, DEPLOYMENT, workspace_id, name).await?,
        ResourceKind::Environment => {
            let (project, name) = split_qualified(name);
            fetch_optional!(db, (Uuid,), ENVIRONMENT, workspace_id, name, project)?
        }
        ResourceKind::Project => fetch_optional!(db, (Uuid,), PROJECT, workspace_id, name)?,
        ResourceKind::Registry => fetch_optional!(db, (Uuid,), REGISTRY, workspace_id, name)?,
        ResourceKind::Runner => fetch_optional!(db, (Uuid,), RUNNER, workspace_id, name)?,
        ResourceKind::Secret => in_environment(db, SECRET, workspace_id, name).await?,
        ResourceKind::Volume => in_environment(db, VOLUME, workspace_id, name).await?,
        ResourceKind::Workspace => fetch_optional!(db, (Uuid,), WORKSPACE, workspace_id, name)?,
    };
    Ok(row.map(|(id,)| id))
}

async fn in_environment(
    db: &Db,
    statement: &'static str,
    workspace_id: Uuid,
    name: &str,
) -> Result<Option<(Uuid,)>, StoreError> {
    let (environment, name) = split_qualified(name);
    let (project, environment) = match environment.map(split_qualified) {
        Some((project, environment)) => (project, Some(environment)),
        None => (None, None),
    };
    fetch_optional!(
        db,
        (Uuid,),
        statement,
        workspace_id,
        name,
        environment,
        project
    )
}
