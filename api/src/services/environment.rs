//! Environments: creation, lookup, renaming, deletion.

use models::{
    EnvironmentId, ProjectId, WorkspaceId,
    api::workspace::environment::CreateEnvironmentRequest,
    environment::{Environment, EnvironmentSummary, MAX_ENVIRONMENTS},
    error::ErrorCode,
    name_or_id::NameOrId,
    page::{EnvironmentPageQuery, Page, PageQuery},
    value::ResourceName,
};

use super::{page, project, rows_wanted};
use crate::{
    app::App,
    db::{Commit, Constraint, OneState, Source, StoreError},
    error::AppError,
    store::{self, Within, environment::NewEnvironment},
};

/// Creates an empty environment.
pub async fn create(
    app: &App,
    workspace_id: WorkspaceId,
    request: CreateEnvironmentRequest,
) -> Result<Environment, AppError> {
    let environment_id = EnvironmentId::from_uuid(app.ids.next());
    let at = app.clock.now();
    app.db
        .write(async |tx| {
            let project_id =
                project::find(&mut *tx, workspace_id, request.project.as_ref()).await?;
            // Several at once may exceed the maximum, which only bounds the table.
            let count = store::environment::count_in(tx, workspace_id, project_id).await?;
            if count >= MAX_ENVIRONMENTS {
                return Err(ErrorCode::TooManyEnvironments.into());
            }
            let new = NewEnvironment {
                environment_id,
                workspace_id,
                project_id,
                name: &request.name,
                at,
            };
            let inserted = store::environment::insert(tx, new).await;
            inserted.map_err(|error| {
                // The project was deleted since the check.
                if error.is_conflict(Constraint::ForeignKey) {
                    ErrorCode::ProjectNotFound.into()
                } else {
                    name_taken(error)
                }
            })?;
            let environment = store::environment::find(tx, workspace_id, environment_id).await?;
            Ok(Commit(environment))
        })
        .await
}

/// Finds the environment that a request names; the default one if it names none.
///
/// # Errors
/// `environment_not_found` when the workspace has no such environment.
pub(super) async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    wanted: Option<&NameOrId<EnvironmentId>>,
) -> Result<EnvironmentSummary, AppError> {
    find_in(source, workspace_id, None, wanted).await
}

/// Finds an environment like [`find`].
///
/// A name without a project is looked up in the given project, or else in the default one.
async fn find_in(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    project_id: Option<ProjectId>,
    wanted: Option<&NameOrId<EnvironmentId>>,
) -> Result<EnvironmentSummary, AppError> {
    let mut source = source.into();
    let name = match wanted {
        Some(NameOrId::Id(id)) => {
            let found = store::environment::summary(source, workspace_id, *id).await?;
            return found.ok_or_else(|| ErrorCode::EnvironmentNotFound.into());
        }
        Some(NameOrId::Name(name)) => Some(name),
        None => None,
    };
    let project = name.and_then(|name| name.project.as_ref());
    let project_id = match (project, project_id) {
        (None, Some(project_id)) => Some(project_id),
        (project, _) => store::project::named(source.reborrow(), workspace_id, project).await?,
    };
    let project_id = project_id.ok_or(ErrorCode::EnvironmentNotFound)?;
    let name = name.map(|name| &name.name);
    store::environment::named(source, workspace_id, project_id, name)
        .await?
        .ok_or_else(|| ErrorCode::EnvironmentNotFound.into())
}

/// Finds the places that a list is limited to.
///
/// # Errors
/// `project_not_found` and `environment_not_found` when the workspace has no such place.
pub(super) async fn within(
    source: impl Into<OneState<'_>>,
    workspace_id: WorkspaceId,
    query: &EnvironmentPageQuery,
) -> Result<Within, AppError> {
    let mut source = source.into();
    let project_id = match &query.project {
        Some(wanted) => Some(project::find(source.reborrow(), workspace_id, Some(wanted)).await?),
        None => None,
    };
    let environment_id = match &query.environment {
        Some(wanted) => {
            let found = find_in(source, workspace_id, project_id, Some(wanted)).await?;
            Some(found.environment_id)
        }
        None => None,
    };
    Ok(Within {
        project_id,
        environment_id,
    })
}

/// Returns an environment with the numbers of its resources.
pub async fn get(
    app: &App,
    workspace_id: WorkspaceId,
    environment_id: EnvironmentId,
) -> Result<Environment, AppError> {
    Ok(store::environment::find(&app.db, workspace_id, environment_id).await?)
}

/// Lists a workspace's environments by the names of their projects and their own.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    query: &PageQuery,
) -> Result<Page<Environment>, AppError> {
    let behind = match &query.cursor {
        None => ("", ""),
        Some(cursor) => cursor.0.split_once(':').ok_or(ErrorCode::CursorInvalid)?,
    };
    let mut snapshot = app.db.snapshot().await?;
    let rows =
        store::environment::list(&mut snapshot, workspace_id, behind, rows_wanted(query)).await?;
    let cursor = |last: &Environment| format!("{}:{}", last.project_name, last.name);
    page(rows, query, cursor, Ok)
}

/// Renames an environment.
pub async fn update(
    app: &App,
    workspace_id: WorkspaceId,
    environment_id: EnvironmentId,
    name: &ResourceName,
) -> Result<Environment, AppError> {
    app.db
        .write(async |tx| {
            let renamed = store::environment::rename(tx, workspace_id, environment_id, name).await;
            if !renamed.map_err(name_taken)? {
                return Err(ErrorCode::NotFound.into());
            }
            let environment = store::environment::find(tx, workspace_id, environment_id).await?;
            Ok(Commit(environment))
        })
        .await
}

/// Deletes an environment, if it is empty and not its project's only one.
pub async fn delete(
    app: &App,
    workspace_id: WorkspaceId,
    environment_id: EnvironmentId,
) -> Result<(), AppError> {
    app.db
        .write(async |tx| {
            let found = store::environment::find(&mut *tx, workspace_id, environment_id).await?;
            // Two at once must not delete the last two.
            store::project::lock(tx, workspace_id, found.project_id).await?;
            let found = store::environment::find(&mut *tx, workspace_id, environment_id).await?;
            let count = store::environment::count_in(tx, workspace_id, found.project_id).await?;
            if !found.is_empty() {
                return Err(ErrorCode::EnvironmentNotEmpty.into());
            }
            if count == 1 {
                return Err(ErrorCode::LastEnvironment.into());
            }
            store::environment::delete(tx, workspace_id, environment_id)
                .await
                .map_err(not_empty)?;
            Ok(Commit(()))
        })
        .await
}

fn name_taken(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::EnvironmentName) {
        ErrorCode::EnvironmentNameTaken.into()
    } else {
        error.into()
    }
}

/// Something was added since the check.
fn not_empty(error: StoreError) -> AppError {
    if error.is_conflict(Constraint::ForeignKey) {
        ErrorCode::EnvironmentNotEmpty.into()
    } else {
        error.into()
    }
}
