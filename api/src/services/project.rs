//! Projects: creation with a first environment, renaming, deletion.

use models::{
    EnvironmentId, ProjectId, WorkspaceId,
    api::workspace::project::CreateProjectRequest,
    environment::FIRST_ENVIRONMENT,
    error::ErrorCode,
    name_or_id::NameOrId,
    page::{Page, PageQuery},
    project::{FIRST_PROJECT, MAX_PROJECTS, Project},
    time::Timestamp,
    value::ResourceName,
};

use super::{page, rows_wanted};
use crate::{
    app::App,
    db::{Commit, Constraint, Source, StoreError, Tx},
    error::AppError,
    store::{self, environment::NewEnvironment},
};

/// Creates a project and its first environment.
pub async fn create(
    app: &App,
    workspace_id: WorkspaceId,
    request: CreateProjectRequest,
) -> Result<Project, AppError> {
    let CreateProjectRequest { name, environment } = request;
    let environment = environment.unwrap_or_else(|| ResourceName::trusted(FIRST_ENVIRONMENT));
    let now = app.clock.now();
    app.db
        .write(async |tx| {
            // Several at once may exceed the maximum, which only bounds the table.
            if store::project::count(tx, workspace_id).await? >= MAX_PROJECTS {
                return Err(ErrorCode::TooManyProjects.into());
            }
            let project_id = insert(app, tx, workspace_id, &name, &environment, now).await?;
            let project = store::project::find(tx, workspace_id, project_id).await?;
            Ok(Commit(project))
        })
        .await
}

/// Creates the project and the environment that a workspace begins with.
pub(super) async fn create_first(
    app: &App,
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    now: Timestamp,
) -> Result<(), AppError> {
    let project = ResourceName::trusted(FIRST_PROJECT);
    let environment = ResourceName::trusted(FIRST_ENVIRONMENT);
    insert(app, tx, workspace_id, &project, &environment, now).await?;
    Ok(())
}

async fn insert(
    app: &App,
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    name: &ResourceName,
    environment: &ResourceName,
    now: Timestamp,
) -> Result<ProjectId, AppError> {
    let project_id = ProjectId::from_uuid(app.ids.next());
    store::project::insert(tx, workspace_id, project_id, name, now)
        .await
        .map_err(name_taken)?;
    let new = NewEnvironment {
        environment_id: EnvironmentId::from_uuid(app.ids.next()),
        workspace_id,
        project_id,
        name: environment,
        at: now,
    };
    store::environment::insert(tx, new).await?;
    Ok(project_id)
}

/// Finds the project that a request names; the default one if it names none.
///
/// # Errors
/// `project_not_found` when the workspace has no such project.
pub(super) async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    wanted: Option<&NameOrId<ProjectId>>,
) -> Result<ProjectId, AppError> {
    let found = match wanted {
        Some(NameOrId::Id(id)) => {
            let exists = store::project::exists(source, workspace_id, *id).await?;
            exists.then_some(*id)
        }
        Some(NameOrId::Name(name)) => {
            store::project::named(source, workspace_id, Some(name)).await?
        }
        None => store::project::named(source, workspace_id, None).await?,
    };
    found.ok_or_else(|| ErrorCode::ProjectNotFound.into())
}

/// Returns a project with its environments.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
) -> Result<Project, AppError> {
    let mut snapshot = app.db.snapshot().await?;
    Ok(store::project::find(&mut snapshot, workspace_id, project_id).await?)
}

/// Lists a workspace's projects by name, with their environments.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    query: &PageQuery,
) -> Result<Page<Project>, AppError> {
    let behind = query.cursor.as_ref().map_or("", |cursor| cursor.0.as_str());
    let mut snapshot = app.db.snapshot().await?;
    let rows =
        store::project::list(&mut snapshot, workspace_id, behind, rows_wanted(query)).await?;
    page(rows, query, |last: &Project| last.name.to_string(), Ok)
}

/// Renames a project.
pub async fn update(
    app: &App,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
    name: &ResourceName,
) -> Result<Project, AppError> {
    app.db
        .write(async |tx| {
            let renamed = store::project::rename(tx, workspace_id, project_id, name).await;
            if !renamed.map_err(name_taken)? {
                return Err(ErrorCode::NotFound.into());
            }
            let project = store::project::find(tx, workspace_id, project_id).await?;
            Ok(Commit(project))
        })
        .await
}

/// Deletes a project and its environments, if they are empty.
pub async fn delete(
    app: &App,
    workspace_id: WorkspaceId,
    project_id: ProjectId,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            // Two at once must not delete the last two.
            store::workspace::lock(tx, workspace_id).await?;
            let is_last = store::project::count(tx, workspace_id).await? == 1;
            let deleted = store::project::delete(tx, workspace_id, project_id).await;
            match deleted {
                Ok(false) => Err(ErrorCode::NotFound.into()),
                Err(error) => Err(not_empty(error)),
                Ok(true) if is_last => Err(ErrorCode::LastProject.into()),
                Ok(true) => Ok(Commit(())),
            }
        })
        .await
}

fn name_taken(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::ProjectName) {
        ErrorCode::ProjectNameTaken.into()
    } else {
        error.into()
    }
}

fn not_empty(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::ForeignKey) {
        ErrorCode::ProjectNotEmpty.into()
    } else {
        error.into()
    }
}
