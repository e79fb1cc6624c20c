//! Recording who changed what.

use std::sync::{Arc, OnceLock};

use http::request::Parts;
use models::{UserId, WorkspaceId};
use uuid::Uuid;

use super::{Authenticate, ClientAddress};
use crate::{
    app::App,
    db::StoreError,
    store::{self, audit_event::AuditEvent},
};

/// The fields of a path that name what is changed.
const TARGETS: [&str; 6] = [
    "deployment_id",
    "enrolment_id",
    "registry_id",
    "runner_id",
    "secret_id",
    "volume_id",
];

/// Who does something.
#[derive(Debug)]
struct Actor {
    caller: Who,
    /// Who the caller turned out to be.
    found: OnceLock<Who>,
}

#[derive(Debug)]
struct Who {
    id: Option<Uuid>,
    name: String,
}

/// Who does something, where and by which request: what every record of it has in common.
#[derive(Clone, Debug)]
pub struct Trail {
    app: App,
    actor: Arc<Actor>,
    path: serde_json::Value,
    request_id: String,
    address: ClientAddress,
}

impl Trail {
    pub(super) fn of<C: Authenticate>(
        app: &App,
        actor: &C::Actor,
        path: &serde_json::Value,
        parts: &Parts,
        address: ClientAddress,
    ) -> Self {
        let request_id = parts.headers.get("x-request-id");
        let request_id = request_id.and_then(|id| id.to_str().ok());
        let caller = Who {
            id: C::id(actor),
            name: C::name(actor).to_owned(),
        };
        Self {
            app: app.clone(),
            actor: Arc::new(Actor {
                caller,
                found: OnceLock::new(),
            }),
            path: path.clone(),
            request_id: request_id.unwrap_or_default().to_owned(),
            address,
        }
    }

    /// Says who a caller is that nobody knew when the call began: everything that is recorded of the
    /// call from now on is theirs. The first word counts.
    pub fn is_by(&self, user_id: Option<UserId>, name: &str) {
        let _ = self.actor.found.set(Who {
            id: user_id.map(UserId::uuid),
            name: name.to_owned(),
        });
    }

    /// Writes an action down. What was done stands already, so a failure here is logged and not
    /// told to the caller.
    pub async fn record(&self, action: &'static str) {
        let actor = self.actor.found.get().unwrap_or(&self.actor.caller);
        let field = |name: &str| self.path.get(name).and_then(|id| id.as_str());
        let workspace_id: Option<WorkspaceId> =
            field("workspace_id").and_then(|id| id.parse().ok());
        let event = AuditEvent {
            audit_event_id: self.app.ids.next(),
            workspace_id,
            actor_id: actor.id,
            actor_name: &actor.name,
            action,
            target: TARGETS.into_iter().find_map(field),
            request_id: &self.request_id,
            address: &self.address.0.to_string(),
            at: self.app.clock.now(),
        };
        if let Err(error) = write(&self.app, &event).await {
            tracing::error!(action, %error, "a change could not be recorded");
        }
    }

    /// Writes an action down as soon as the returned value is dropped, however that comes.
    pub fn at_the_end(&self, action: &'static str) -> AtTheEnd {
        AtTheEnd(Some((self.clone(), action)))
    }
}

/// An action that is recorded when this is dropped.
#[derive(Debug)]
pub struct AtTheEnd(Option<(Trail, &'static str)>);

impl AtTheEnd {
    /// Does not record it; somebody else will.
    pub fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        if let Some((trail, action)) = self.0.take() {
            let tasks = trail.app.tasks.clone();
            tasks.spawn(async move { trail.record(action).await });
        }
    }
}

async fn write(app: &App, event: &AuditEvent<'_>) -> Result<(), StoreError> {
    let mut tx = app.db.begin().await?;
    store::audit_event::insert(&mut tx, event).await?;
    tx.commit().await
}
