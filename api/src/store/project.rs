//! Projects of workspaces.

use models::{ProjectId, WorkspaceId, project::Project, time::Timestamp, value::ResourceName};
use uuid::Uuid;

use super::{Rows, environment};
use crate::db::{
    OneState, Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional,
    statements,
};

/// Selects projects without their environments.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.project_id, p.workspace_id, p.name, p.created_at,
                    NOT EXISTS (SELECT 1 FROM project o WHERE o.workspace_id = p.workspace_id
                                AND o.project_id < p.project_id) AS is_default
             FROM project p ",
            $rest
        )
    };
}

statements! {
    INSERT = "INSERT INTO project (project_id, workspace_id, name, created_at)
              VALUES ($1, $2, $3, $4)";
    FIND = select!("WHERE p.workspace_id = $1 AND p.project_id = $2");
    LIST = select!("WHERE p.workspace_id = $1 AND p.name > $2 ORDER BY p.name LIMIT $3");
    COUNT = "SELECT COUNT(*) FROM project WHERE workspace_id = $1";
    ID = "SELECT project_id FROM project WHERE workspace_id = $1 AND project_id = $2";
    // Without a name, the default one.
    NAMED = "SELECT project_id FROM project WHERE workspace_id = $1 AND name = COALESCE($2, name)
             ORDER BY project_id LIMIT 1";
    LOCK = "UPDATE project SET name = name WHERE workspace_id = $1 AND project_id = $2
            RETURNING project_id";
    RENAME = "UPDATE project SET name = $3 WHERE workspace_id = $1 AND project_id = $2";
    DELETE = "DELETE FROM project WHERE workspace_id = $1 AND project_id = $2";
}

#[derive(sqlx::FromRow)]
struct Row {
    project_id: Uuid,
    workspace_id: Uuid,
    name: String,
    is_default: bool,
    created_at: i64,
}

impl Row {
    fn read(self) -> Project {
        Project {
            project_id: self.project_id.into(),
            workspace_id: self.workspace_id.into(),
            name: ResourceName::trusted(self.name),
            is_default: self.is_default,
            environments: Vec::new(),
            created_at: Timestamp::from_micros(self.created_at),
        }
    }
}

/// Inserts a project.
///
/// # Errors
/// [`crate::db::Constraint::ProjectName`] when another project of the workspace has the name.
pub async fn insert(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
    name: &ResourceName,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (workspace_id, project_id) = (workspace_id.uuid(), project_id.uuid());
    execute!(
        tx,
        INSERT,
        project_id,
        workspace_id,
        name.as_str(),
        at.micros()
    )?;
    Ok(())
}

/// Finds a project of a workspace, with its environments.
///
/// # Errors
/// [`StoreError::NotFound`] when the workspace has no such project.
pub async fn find(
    source: impl Into<OneState<'_>>,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
) -> Result<Project, StoreError> {
    let mut source = source.into();
    let row = fetch_one!(source, Row, FIND, workspace_id.uuid(), project_id.uuid())?;
    let mut projects = [row.read()];
    add_environments(source, workspace_id, &mut projects).await?;
    let [project] = projects;
    Ok(project)
}

/// Lists a workspace's projects by name, starting after a given name.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    behind: &str,
    limit: i64,
) -> Result<Rows<Project>, StoreError> {
    let rows = fetch_all!(snapshot, Row, LIST, workspace_id.uuid(), behind, limit)?;
    let mut rows: Vec<_> = rows.into_iter().map(Row::read).collect();
    add_environments(&mut *snapshot, workspace_id, &mut rows).await?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, workspace_id.uuid())?;
    Ok(Rows { rows, total })
}

/// Adds the environments of projects that are sorted by name.
///
/// The default one comes first, the others by name.
async fn add_environments(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    projects: &mut [Project],
) -> Result<(), StoreError> {
    let ([first, ..], [.., last]) = (&*projects, &*projects) else {
        return Ok(());
    };
    let (first, last) = (first.name.as_str(), last.name.as_str());
    for found in environment::of_projects(source, workspace_id, first, last).await? {
        let mut all = projects.iter_mut();
        if let Some(project) = all.find(|one| one.project_id == found.project_id) {
            project.environments.push(found);
        }
    }
    for project in projects {
        if let [_, others @ ..] = project.environments.as_mut_slice() {
            others.sort_by(|one, other| one.name.cmp(&other.name));
        }
    }
    Ok(())
}

/// Counts a workspace's projects.
///
/// # Errors
/// Database errors.
pub async fn count(tx: &mut Tx, workspace_id: WorkspaceId) -> Result<i64, StoreError> {
    fetch_one!(tx, (i64,), COUNT, workspace_id.uuid()).map(|(count,)| count)
}

/// True if the workspace has the project.
///
/// # Errors
/// Database errors.
pub async fn exists(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
) -> Result<bool, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(source, (Uuid,), ID, workspace_id.uuid(), project_id.uuid())?;
    Ok(row.is_some())
}

/// Finds a project of a workspace by name, or the default one.
///
/// # Errors
/// Database errors.
pub async fn named(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    name: Option<&ResourceName>,
) -> Result<Option<ProjectId>, StoreError> {
    let mut source = source.into();
    let name = name.map(ResourceName::as_str);
    let row = fetch_optional!(source, (Uuid,), NAMED, workspace_id.uuid(), name)?;
    Ok(row.map(|(id,)| id.into()))
}

/// Locks a project until the transaction ends; false if it is missing.
///
/// # Errors
/// Database errors.
pub async fn lock(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
) -> Result<bool, StoreError> {
    let (workspace_id, project_id) = (workspace_id.uuid(), project_id.uuid());
    let row = fetch_optional!(tx, (Uuid,), LOCK, workspace_id, project_id)?;
    Ok(row.is_some())
}

/// Renames a project; false if the workspace has no such project.
///
/// # Errors
/// [`crate::db::Constraint::ProjectName`] when another project of the workspace has the name.
pub async fn rename(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
    name: &ResourceName,
) -> Result<bool, StoreError> {
    let (workspace_id, project_id) = (workspace_id.uuid(), project_id.uuid());
    let changed = execute!(tx, RENAME, workspace_id, project_id, name.as_str())?;
    Ok(changed > 0)
}

/// Deletes a project with its environments; false if it is missing.
///
/// # Errors
/// [`crate::db::Constraint::ForeignKey`] when something belongs to one of its environments.
pub async fn delete(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
) -> Result<bool, StoreError> {
    let deleted = execute!(tx, DELETE, workspace_id.uuid(), project_id.uuid())?;
    Ok(deleted > 0)
}
