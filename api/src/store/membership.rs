//! Memberships: the grants of each person in each workspace, stored as a role.

use models::{
    UserId, WorkspaceId,
    rbac::{GrantSet, Role},
    time::Timestamp,
    value::ResourceName,
};
use uuid::Uuid;

use crate::db::{Db, StoreError, Tx, execute, fetch_all, fetch_optional, statements};

statements! {
    INSERT = "INSERT INTO membership (workspace_id, user_id, role, created_at)
              VALUES ($1, $2, $3, $4)";
    ROLE = "SELECT role FROM membership WHERE workspace_id = $1 AND user_id = $2";
    NAMED = "SELECT m.workspace_id, m.role
             FROM membership m JOIN workspace w ON w.workspace_id = m.workspace_id
             WHERE m.user_id = $1 AND w.name = $2 ORDER BY m.workspace_id LIMIT 2";
}

/// Adds a person to a workspace.
///
/// # Errors
/// [`crate::db::Constraint::Membership`] when the person is a member already.
pub async fn insert(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    user_id: UserId,
    role: Role,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        workspace_id.uuid(),
        user_id.uuid(),
        role.name(),
        at.micros(),
    )?;
    Ok(())
}

/// Returns a person's grants in a workspace; `None` if they are not a member.
///
/// # Errors
/// Database errors.
pub async fn grants(
    db: &Db,
    workspace_id: WorkspaceId,
    user_id: UserId,
) -> Result<Option<GrantSet>, StoreError> {
    let row = fetch_optional!(db, (String,), ROLE, workspace_id.uuid(), user_id.uuid())?;
    row.map(|(name,)| Ok(parse_role(&name)?.grants()))
        .transpose()
}

/// Returns a person's workspaces of this name with their grants.
///
/// Two at most, because more tell nothing new.
///
/// # Errors
/// Database errors.
pub async fn named(
    db: &Db,
    user_id: UserId,
    name: &ResourceName,
) -> Result<Vec<(WorkspaceId, GrantSet)>, StoreError> {
    let rows = fetch_all!(db, (Uuid, String), NAMED, user_id.uuid(), name.as_str())?;
    let read = |(id, role): (Uuid, String)| Ok((id.into(), parse_role(&role)?.grants()));
    rows.into_iter().map(read).collect()
}

/// Parses a role from its column.
pub(super) fn parse_role(name: &str) -> Result<Role, StoreError> {
    Role::ALL
        .iter()
        .copied()
        .find(|role| role.name() == name)
        .ok_or_else(|| StoreError::invalid(format!("unknown role {name:?}")))
}
