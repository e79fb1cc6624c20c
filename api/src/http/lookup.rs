//! Lookup of names in paths.

use models::{endpoint::EndpointInfo, error::ErrorCode};
use serde_json::Value;
use uuid::Uuid;

use crate::{actor::Membership, app::App, error::AppError, store};

/// Replaces each name in a path with the id behind it.
///
/// Names are looked up in the workspace of the call's scope, and nowhere else. The permission is
/// checked before, so that a name tells no more than an id does.
///
/// # Errors
/// `not_found` when the workspace has no resource of that kind and name.
pub(super) async fn resolve_names(
    app: &App,
    info: &EndpointInfo,
    membership: Option<Membership>,
    fields: &mut Value,
) -> Result<(), AppError> {
    let Some(Membership { workspace_id, .. }) = membership else {
        return Ok(());
    };
    for (field, kind) in info.path_fields {
        let (Some(kind), Some(text)) = (*kind, fields[*field].as_str()) else {
            continue;
        };
        if text.parse::<Uuid>().is_ok() {
            continue;
        }
        let id = store::lookup::id(&app.db, workspace_id, kind, text).await?;
        let id = id.ok_or(ErrorCode::NotFound)?;
        fields[*field] = id.to_string().into();
    }
    Ok(())
}
