//! Recording who changed what.

use models::WorkspaceId;
use uuid::Uuid;

use super::ClientAddress;
use crate::{
    app::App,
    db::StoreError,
    store::{self, audit_event::AuditEvent},
};

/// A change that was made.
#[derive(Debug)]
pub(super) struct Change<'a> {
    pub(super) action: &'static str,
    pub(super) actor_id: Option<Uuid>,
    pub(super) actor_name: &'a str,
    pub(super) path: &'a serde_json::Value,
    pub(super) request_id: &'a str,
    pub(super) address: ClientAddress,
}

/// Writes the change down. The change itself stands already, so a failure here is logged and not
/// told to the caller.
pub(super) async fn record(app: &App, change: Change<'_>) {
    let field = |name: &str| change.path.get(name).and_then(|id| id.as_str());
    let workspace_id: Option<WorkspaceId> = field("workspace_id").and_then(|id| id.parse().ok());
    let target = field("deployment_id").or_else(|| field("runner_id"));
    let event = AuditEvent {
        audit_event_id: app.ids.next(),
        workspace_id,
        actor_id: change.actor_id,
        actor_name: change.actor_name,
        action: change.action,
        target,
        request_id: change.request_id,
        address: &change.address.0.to_string(),
        at: app.clock.now(),
    };
    if let Err(error) = write(app, &event).await {
        tracing::error!(action = change.action, %error, "a change could not be recorded");
    }
}

async fn write(app: &App, event: &AuditEvent<'_>) -> Result<(), StoreError> {
    let mut tx = app.db.begin().await?;
    store::audit_event::insert(&mut tx, event).await?;
    tx.commit().await
}
