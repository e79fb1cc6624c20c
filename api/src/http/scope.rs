//! Scopes: what a permission is checked on, and the workspace around it.

use models::{
    UserId, WorkspaceId,
    error::{ApiError, ErrorCode},
    name_or_id::{NameOrId, Named},
    value::ResourceName,
};

use crate::{actor::Membership, app::App, error::AppError, store};

/// Message for a name that several workspaces of the person have.
const AMBIGUOUS: &str = "Several of your workspaces have this name. Use the id instead.";

/// A type of path field that `permission = … on field` may name.
///
/// Whatever a permission is checked on belongs to one workspace. An implementation finds that
/// workspace, and the person's grants there.
#[diagnostic::on_unimplemented(
    message = "no permission can be checked on a `{Self}`",
    note = "implement `Scope` for it in `api/src/http/scope.rs`"
)]
pub trait Scope: Named {
    /// Finds the workspace of the scope, and a person's grants on the scope.
    ///
    /// With `within`, other workspaces do not exist.
    ///
    /// # Errors
    /// `not_found` when the scope does not exist, or is in a workspace of others.
    fn membership(
        scope: NameOrId<Self>,
        app: &App,
        user_id: UserId,
        within: Option<WorkspaceId>,
    ) -> impl Future<Output = Result<Membership, AppError>> + Send;
}

impl Scope for WorkspaceId {
    async fn membership(
        scope: NameOrId<Self>,
        app: &App,
        user_id: UserId,
        within: Option<WorkspaceId>,
    ) -> Result<Membership, AppError> {
        match (scope, within) {
            (NameOrId::Id(workspace_id), None) => by_id(app, user_id, workspace_id).await,
            (NameOrId::Id(workspace_id), Some(within)) if workspace_id == within => {
                by_id(app, user_id, workspace_id).await
            }
            (NameOrId::Id(_), Some(_)) => Err(ErrorCode::NotFound.into()),
            (NameOrId::Name(name), None) => by_name(app, user_id, &name).await,
            (NameOrId::Name(name), Some(within)) => {
                let workspace = store::workspace::find(&app.db, within, user_id).await?;
                let workspace = workspace.filter(|workspace| workspace.name == name);
                let workspace = workspace.ok_or(ErrorCode::NotFound)?;
                Ok(Membership {
                    workspace_id: within,
                    grants: workspace.grants,
                })
            }
        }
    }
}

async fn by_id(
    app: &App,
    user_id: UserId,
    workspace_id: WorkspaceId,
) -> Result<Membership, AppError> {
    let grants = store::membership::grants(&app.db, workspace_id, user_id).await?;
    Ok(Membership {
        workspace_id,
        grants: grants.ok_or(ErrorCode::NotFound)?,
    })
}

async fn by_name(app: &App, user_id: UserId, name: &ResourceName) -> Result<Membership, AppError> {
    let found = store::membership::named(&app.db, user_id, name).await?;
    match found.as_slice() {
        [(workspace_id, grants)] => Ok(Membership {
            workspace_id: *workspace_id,
            grants: *grants,
        }),
        [] => Err(ErrorCode::NotFound.into()),
        _ => Err(ApiError::new(ErrorCode::NotFound)
            .with_message(AMBIGUOUS)
            .into()),
    }
}
