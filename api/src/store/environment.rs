//! Environments of projects, and the default one.
//!
//! The default project of a workspace and the default environment of a project are the oldest ones.
//! Ids sort by time.

use models::{
    EnvironmentId, ProjectId, WorkspaceId,
    environment::{Environment, EnvironmentSummary},
    time::Timestamp,
    value::ResourceName,
};
use uuid::Uuid;

use super::Rows;
use crate::db::{
    Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional, statements,
};

/// Selects environments, each with its project and the numbers of its resources.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT e.environment_id, e.name AS environment_name, p.project_id,
                    p.name AS project_name, e.workspace_id, e.created_at,
                    e.environment_id = (SELECT o.environment_id FROM environment o
                                        WHERE o.workspace_id = e.workspace_id
                                        ORDER BY o.project_id, o.environment_id LIMIT 1)
                        AS is_default,
                    (SELECT COUNT(*) FROM deployment d WHERE d.environment_id = e.environment_id)
                        AS deployments,
                    (SELECT COUNT(*) FROM secret s WHERE s.environment_id = e.environment_id)
                        AS secrets,
                    (SELECT COUNT(*) FROM volume v WHERE v.environment_id = e.environment_id)
                        AS volumes
             FROM environment e JOIN project p ON p.project_id = e.project_id ",
            $rest
        )
    };
}

/// Selects environments without the numbers of their resources.
macro_rules! select_summary {
    ($rest:literal) => {
        concat!(
            "SELECT e.environment_id, e.name AS environment_name, p.project_id,
                    p.name AS project_name
             FROM environment e JOIN project p ON p.project_id = e.project_id ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO environment (environment_id, workspace_id, project_id, name, created_at)
              VALUES ($1, $2, $3, $4, $5)";
    FIND = select!("WHERE e.workspace_id = $1 AND e.environment_id = $2");
    LIST = select!("WHERE e.workspace_id = $1 AND (p.name, e.name) > ($2, $3)
                    ORDER BY p.name, e.name LIMIT $4");
    COUNT = "SELECT COUNT(*) FROM environment WHERE workspace_id = $1";
    SUMMARY = select_summary!("WHERE e.workspace_id = $1 AND e.environment_id = $2");
    // Without a name, the default one.
    NAMED = select_summary!("WHERE e.workspace_id = $1 AND e.project_id = $2
                               AND e.name = COALESCE($3, e.name)
                             ORDER BY e.environment_id LIMIT 1");
    OF_PROJECTS = select_summary!("WHERE e.workspace_id = $1 AND p.name >= $2 AND p.name <= $3
                                   ORDER BY e.environment_id");
    COUNT_IN = "SELECT COUNT(*) FROM environment WHERE workspace_id = $1 AND project_id = $2";
    RENAME = "UPDATE environment SET name = $3 WHERE workspace_id = $1 AND environment_id = $2";
    DELETE = "DELETE FROM environment WHERE workspace_id = $1 AND environment_id = $2";
}

/// The columns of an environment and its project in the row of a resource.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Columns {
    environment_id: Uuid,
    environment_name: String,
    project_id: Uuid,
    project_name: String,
}

impl Columns {
    pub(super) fn read(self) -> EnvironmentSummary {
        EnvironmentSummary {
            environment_id: self.environment_id.into(),
            name: ResourceName::trusted(self.environment_name),
            project_id: self.project_id.into(),
            project_name: ResourceName::trusted(self.project_name),
        }
    }

    pub(super) fn environment_id(&self) -> EnvironmentId {
        self.environment_id.into()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    columns: Columns,
    workspace_id: Uuid,
    is_default: bool,
    deployments: i64,
    secrets: i64,
    volumes: i64,
    created_at: i64,
}

impl Row {
    fn read(self) -> Environment {
        let summary = self.columns.read();
        Environment {
            environment_id: summary.environment_id,
            workspace_id: self.workspace_id.into(),
            project_id: summary.project_id,
            project_name: summary.project_name,
            name: summary.name,
            is_default: self.is_default,
            deployments: self.deployments,
            secrets: self.secrets,
            volumes: self.volumes,
            created_at: Timestamp::from_micros(self.created_at),
        }
    }
}

/// An environment to insert.
#[derive(Clone, Copy)]
pub struct NewEnvironment<'a> {
    /// Id of the environment.
    pub environment_id: EnvironmentId,
    /// Workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// Project that it belongs to.
    pub project_id: ProjectId,
    /// Name of the environment.
    pub name: &'a ResourceName,
    /// Creation time.
    pub at: Timestamp,
}

/// Inserts an environment.
///
/// # Errors
/// [`crate::db::Constraint::EnvironmentName`] when another environment of the project has the name.
pub async fn insert(tx: &mut Tx, environment: NewEnvironment<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        environment.environment_id.uuid(),
        environment.workspace_id.uuid(),
        environment.project_id.uuid(),
        environment.name.as_str(),
        environment.at.micros(),
    )?;
    Ok(())
}

/// Finds an environment of a workspace.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such environment.
pub async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    environment_id: EnvironmentId,
) -> Result<Environment, StoreError> {
    let mut source = source.into();
    let (workspace_id, environment_id) = (workspace_id.uuid(), environment_id.uuid());
    fetch_one!(source, Row, FIND, workspace_id, environment_id).map(Row::read)
}

/// Lists a workspace's environments by project and name.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    behind: (&str, &str),
    limit: i64,
) -> Result<Rows<Environment>, StoreError> {
    let workspace_id = workspace_id.uuid();
    let (project, name) = behind;
    let rows = fetch_all!(snapshot, Row, LIST, workspace_id, project, name, limit)?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, workspace_id)?;
    let rows = rows.into_iter().map(Row::read).collect();
    Ok(Rows { rows, total })
}

/// Finds an environment of a workspace by id, without the numbers of its resources.
///
/// # Errors
/// Database errors.
pub async fn summary(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    environment_id: EnvironmentId,
) -> Result<Option<EnvironmentSummary>, StoreError> {
    let mut source = source.into();
    let (workspace_id, environment_id) = (workspace_id.uuid(), environment_id.uuid());
    let row = fetch_optional!(source, Columns, SUMMARY, workspace_id, environment_id)?;
    Ok(row.map(Columns::read))
}

/// Finds an environment of a project by name, or the default one.
///
/// # Errors
/// Database errors.
pub async fn named(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
    name: Option<&ResourceName>,
) -> Result<Option<EnvironmentSummary>, StoreError> {
    let mut source = source.into();
    let (workspace_id, project_id) = (workspace_id.uuid(), project_id.uuid());
    let name = name.map(ResourceName::as_str);
    let row = fetch_optional!(source, Columns, NAMED, workspace_id, project_id, name)?;
    Ok(row.map(Columns::read))
}

/// Lists the environments of projects in a range of names, oldest first.
///
/// # Errors
/// Database errors.
pub(super) async fn of_projects(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    first: &str,
    last: &str,
) -> Result<Vec<EnvironmentSummary>, StoreError> {
    let mut source = source.into();
    let rows = fetch_all!(
        source,
        Columns,
        OF_PROJECTS,
        workspace_id.uuid(),
        first,
        last
    )?;
    Ok(rows.into_iter().map(Columns::read).collect())
}

/// Counts the environments of a project.
///
/// # Errors
/// Database errors.
pub async fn count_in(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
) -> Result<i64, StoreError> {
    let (workspace_id, project_id) = (workspace_id.uuid(), project_id.uuid());
    fetch_one!(tx, (i64,), COUNT_IN, workspace_id, project_id).map(|(count,)| count)
}

/// Renames an environment; false if the workspace has no such environment.
///
/// # Errors
/// [`crate::db::Constraint::EnvironmentName`] when another environment of the project has the name.
pub async fn rename(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    environment_id: EnvironmentId,
    name: &ResourceName,
) -> Result<bool, StoreError> {
    let (workspace_id, environment_id) = (workspace_id.uuid(), environment_id.uuid());
    let changed = execute!(tx, RENAME, workspace_id, environment_id, name.as_str())?;
    Ok(changed > 0)
}

/// Deletes an environment.
///
/// # Errors
/// [`crate::db::Constraint::ForeignKey`] when something belongs to it.
pub async fn delete(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    environment_id: EnvironmentId,
) -> Result<(), StoreError> {
    execute!(tx, DELETE, workspace_id.uuid(), environment_id.uuid())?;
    Ok(())
}
