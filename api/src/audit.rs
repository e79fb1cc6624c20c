//! Audit events of calls: the actor, the action, the target and the request.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;

use crate::{
    actor::Actor,
    app::App,
    db::{ChangeRecord, Commit, StoreError, Tx},
    store::{self, audit_event::AuditEvent},
};

/// The path fields that name the target of a change.
const TARGETS: [&str; 7] = [
    "api_token_id",
    "deployment_id",
    "registration_id",
    "registry_id",
    "runner_id",
    "secret_id",
    "volume_id",
];

/// The fields that all audit events of one call share.
#[derive(Clone, Debug)]
pub struct AuditTrail {
    app: App,
    caller: Actor,
    /// The actor, once it is authenticated.
    found: Arc<OnceLock<Actor>>,
    path: serde_json::Value,
    request_id: String,
}

impl AuditTrail {
    /// Creates the trail of a call by this actor.
    pub fn new(app: &App, caller: Actor, path: serde_json::Value, request_id: &str) -> Self {
        Self {
            app: app.clone(),
            caller,
            found: Arc::default(),
            path,
            request_id: request_id.to_owned(),
        }
    }

    /// Names the actor of a call that began unauthenticated.
    ///
    /// Everything recorded from now on is theirs. Only the first name counts.
    pub fn set_actor(&self, actor: Actor) {
        let _ = self.found.set(actor);
    }

    /// The actor in audit events of the call.
    pub fn actor(&self) -> &Actor {
        self.found.get().unwrap_or(&self.caller)
    }

    /// Records an action in a transaction of its own.
    ///
    /// The action has already taken place, so a failure here is logged and not reported to the
    /// caller.
    pub async fn record(&self, action: &'static str) {
        let recorded = self.app.db.write(async |tx| {
            self.insert(tx, action).await?;
            Ok::<_, StoreError>(Commit(()))
        });
        if let Err(error) = recorded.await {
            tracing::error!(action, %error, "failed to record an audit event");
        }
    }

    /// Records an action in the transaction of the change.
    async fn insert(&self, tx: &mut Tx, action: &'static str) -> Result<(), StoreError> {
        let actor = self.actor();
        let field = |name: &str| self.path.get(name).and_then(|id| id.as_str());
        let address = actor.address.map(|address| address.0.to_string());
        let event = AuditEvent {
            audit_event_id: self.app.ids.next(),
            workspace_id: self.caller.membership().map(|member| member.workspace_id),
            actor_kind: actor.kind,
            actor_id: actor.principal_id(),
            api_token_id: actor.api_token_id(),
            actor_name: &actor.name,
            action,
            target: TARGETS.into_iter().find_map(field),
            request_id: &self.request_id,
            address: &address.unwrap_or_default(),
            at: self.app.clock.now(),
        };
        store::audit_event::insert(tx, &event).await
    }

    /// Records an action when the returned guard is dropped, on whatever path.
    pub fn record_on_drop(&self, action: &'static str) -> RecordOnDrop {
        RecordOnDrop(Some((self.clone(), action)))
    }
}

/// An action that is recorded when this guard is dropped.
#[derive(Debug)]
pub struct RecordOnDrop(Option<(AuditTrail, &'static str)>);

impl RecordOnDrop {
    /// Disarms the guard, because the action is recorded elsewhere.
    pub fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for RecordOnDrop {
    fn drop(&mut self) {
        if let Some((trail, action)) = self.0.take() {
            let tasks = trail.app.tasks.clone();
            tasks.spawn(async move { trail.record(action).await });
        }
    }
}

/// The audit event of one call.
///
/// It commits together with the change that the call makes, so that neither exists without the
/// other.
#[derive(Debug)]
pub struct CallRecord {
    trail: AuditTrail,
    action: &'static str,
    is_committed: Arc<AtomicBool>,
}

impl CallRecord {
    /// Creates the record of a call.
    pub fn new(trail: AuditTrail, action: &'static str) -> Self {
        Self {
            trail,
            action,
            is_committed: Arc::default(),
        }
    }

    /// Records a call that succeeded, if it changed nothing in the database.
    pub async fn complete(&self) {
        if !self.is_committed.load(Ordering::Relaxed) {
            self.trail.record(self.action).await;
        }
    }
}

impl ChangeRecord for CallRecord {
    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async {
            // A call with several transactions is recorded with the first.
            if !self.is_committed.load(Ordering::Relaxed) {
                self.trail.insert(tx, self.action).await?;
                let is_committed = Arc::clone(&self.is_committed);
                tx.after_commit(move || is_committed.store(true, Ordering::Relaxed));
            }
            Ok(())
        })
    }
}
