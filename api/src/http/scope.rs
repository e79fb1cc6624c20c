//! Scopes: what a permission is checked on, and the workspace around it.

use models::{UserId, WorkspaceId, error::ErrorCode};
use serde::de::DeserializeOwned;

use crate::{actor::Membership, app::App, error::AppError, store};

/// A type of path field that `permission = … on field` may name.
///
/// Whatever a permission is checked on belongs to one workspace. An implementation finds that
/// workspace, and the person's grants there.
#[diagnostic::on_unimplemented(
    message = "no permission can be checked on a `{Self}`",
    note = "implement `Scope` for it in `api/src/http/scope.rs`"
)]
pub trait Scope: DeserializeOwned + Send + Sync + 'static {
    /// Finds the workspace of the scope, and a person's grants on the scope.
    ///
    /// # Errors
    /// `not_found` when the scope does not exist, or is in a workspace of others.
    fn membership(
        self,
        app: &App,
        user_id: UserId,
    ) -> impl Future<Output = Result<Membership, AppError>> + Send;
}

impl Scope for WorkspaceId {
    async fn membership(self, app: &App, user_id: UserId) -> Result<Membership, AppError> {
        let grants = store::membership::grants(&app.db, self, user_id).await?;
        Ok(Membership {
            workspace_id: self,
            grants: grants.ok_or(ErrorCode::NotFound)?,
        })
    }
}
