//! Creating and reading workspaces.

use models::{
    UserId, WorkspaceId,
    error::ErrorCode,
    page::{Page, PageQuery},
    value::ResourceName,
    workspace::Workspace,
};
use uuid::Uuid;

use super::{page, project, rows_wanted};
use crate::{
    app::App,
    db::{Commit, Tx},
    error::AppError,
    store,
};

/// Creates a workspace that a person owns.
pub async fn create(app: &App, owner: UserId, name: ResourceName) -> Result<Workspace, AppError> {
    app.db
        .write(async |tx| Ok(Commit(create_in(app, tx, owner, name).await?)))
        .await
}

/// Creates a workspace like [`create`], as part of a larger change.
pub(super) async fn create_in(
    app: &App,
    tx: &mut Tx,
    owner: UserId,
    name: ResourceName,
) -> Result<Workspace, AppError> {
    let workspace_id = WorkspaceId::from_uuid(app.ids.next());
    let now = app.clock.now();
    let role = store::workspace::MAKER_ROLE;
    let data_key = app.master_key.new_data_key(workspace_id);
    store::workspace::insert(tx, workspace_id, &name, &data_key, now).await?;
    store::membership::insert(tx, workspace_id, owner, role, now).await?;
    project::create_first(app, tx, workspace_id, now).await?;
    Ok(Workspace {
        workspace_id,
        name,
        role,
        grants: role.grants(),
        environments: 1,
        created_at: now,
    })
}

/// Returns a workspace as one of its members sees it.
pub async fn get(
    app: &App,
    user_id: UserId,
    workspace_id: WorkspaceId,
) -> Result<Workspace, AppError> {
    store::workspace::find(&app.db, workspace_id, user_id)
        .await?
        .ok_or_else(|| ErrorCode::NotFound.into())
}

/// Lists a person's workspaces by name.
pub async fn list(
    app: &App,
    user_id: UserId,
    query: &PageQuery,
) -> Result<Page<Workspace>, AppError> {
    // Two workspaces may have the same name, so the cursor includes the id.
    let behind = match &query.cursor {
        None => (String::new(), Uuid::nil()),
        Some(cursor) => cursor
            .0
            .split_once('/')
            .and_then(|(name, id)| Some((name.to_owned(), id.parse().ok()?)))
            .ok_or(ErrorCode::CursorInvalid)?,
    };
    let mut snapshot = app.db.snapshot().await?;
    let rows = store::workspace::list(
        &mut snapshot,
        user_id,
        (&behind.0, behind.1),
        rows_wanted(query),
    )
    .await?;
    page(
        rows,
        query,
        |last: &Workspace| format!("{}/{}", last.name, last.workspace_id),
        Ok,
    )
}
