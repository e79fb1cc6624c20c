//! Scopes: what a permission is checked on, and the workspace around it.

use models::{
    UserId, WorkspaceId,
    error::{ApiError, ErrorCode},
    name_or_id::{NameOrId, Named},
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
    /// # Errors
    /// `not_found` when the scope does not exist, or is in a workspace of others.
    fn membership(
        scope: NameOrId<Self>,
        app: &App,
        user_id: UserId,
    ) -> impl Future<Output = Result<Membership, AppError>> + Send;
}

impl Scope for WorkspaceId {
    async fn membership(
        scope: NameOrId<Self>,
        app: &App,
        user_id: UserId,
    ) -> Result<Membership, AppError> {
        let (workspace_id, grants) = match scope {
            NameOrId::Id(workspace_id) => {
                let grants = store::membership::grants(&app.db, workspace_id, user_id).await?;
                (workspace_id, grants.ok_or(ErrorCode::NotFound)?)
            }
            NameOrId::Name(name) => {
                let found = store::membership::named(&app.db, user_id, &name).await?;
                match found.as_slice() {
                    [only] => *only,
                    [] => return Err(ErrorCode::NotFound.into()),
                    _ => {
                        return Err(ApiError::new(ErrorCode::NotFound)
                            .with_message(AMBIGUOUS)
                            .into());
                    }
                }
            }
        };
        Ok(Membership {
            workspace_id,
            grants,
        })
    }
}
