//! Finding out who calls, and whether they may.

use http::{HeaderMap, header};
use models::{
    RunnerId, UserId, WorkspaceId,
    endpoint::{Access, Anybody, Caller, Person, RunnerProcess},
    error::ErrorCode,
    rbac::{Permission, Role},
    time::Timestamp,
};
use time::OffsetDateTime;
use tower_sessions::{Expiry, Session};
use uuid::Uuid;

use super::public_host::has_cookie;
use crate::{app::App, bus::Topic, error::AppError, services, session_store::USER_KEY, store};

/// The session value that says when its lifetime began.
const BEGUN_KEY: &str = "begun_at";
/// How often a session that is used all the time begins its lifetime anew within one lifetime.
const BEGUN_IN_LIFETIME: i64 = 8;

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person's id.
    pub user_id: UserId,
    /// What the person is called.
    pub name: String,
    /// Where the person is reached.
    pub email: String,
    /// What the person is in the workspace of the call; none when it is about no workspace.
    pub role: Option<Role>,
}

impl SignedIn {
    /// Tells whether the person may do something in the workspace of the call.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.is_some_and(|role| role.allows(permission))
    }
}

/// What a call shows of its caller.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The call's headers.
    pub headers: &'a HeaderMap,
    /// The call's session.
    pub session: &'a Session,
    /// Who may call.
    pub access: Access,
    /// The fields of the path, for the one that the permission is checked on.
    pub path: &'a serde_json::Value,
}

/// A kind of caller that the server can recognise.
pub trait Authenticate: Caller {
    /// What is known of the caller afterwards.
    type Actor: Clone + std::fmt::Debug + Send + Sync + 'static;

    /// Recognises the caller and checks that they may call.
    ///
    /// # Errors
    /// `unauthenticated`, `not_found` or `permission_denied`.
    fn authenticate(
        app: &App,
        evidence: Evidence<'_>,
    ) -> impl Future<Output = Result<Self::Actor, AppError>> + Send;

    /// The id under which the actor's calls are counted and recorded.
    fn id(actor: &Self::Actor) -> Option<Uuid>;

    /// What says that the actor may be allowed something else from now on.
    fn topic(actor: &Self::Actor) -> Option<Topic>;

    /// What the actor is in the workspace of the call, if that counts. Who becomes something else
    /// must open their streams anew.
    fn role(_: &Self::Actor) -> Option<Role> {
        None
    }

    /// What the actor is called in the audit log.
    fn name(actor: &Self::Actor) -> &str;
}

impl Authenticate for Anybody {
    type Actor = ();

    async fn authenticate(_: &App, _: Evidence<'_>) -> Result<(), AppError> {
        Ok(())
    }

    fn id((): &()) -> Option<Uuid> {
        None
    }

    fn topic((): &()) -> Option<Topic> {
        None
    }

    fn name((): &()) -> &'static str {
        "anonymous"
    }
}

impl Authenticate for Person {
    type Actor = SignedIn;

    async fn authenticate(app: &App, evidence: Evidence<'_>) -> Result<SignedIn, AppError> {
        let user_id: UserId = evidence
            .session
            .get(USER_KEY)
            .await?
            .ok_or_else(|| nobody(app, evidence.headers))?;
        let user = store::app_user::find(&app.db, user_id)
            .await?
            .ok_or(ErrorCode::Unauthenticated)?;
        keep_alive(app, evidence.session).await?;
        let role = match evidence.access {
            Access::Permission { permission, on } => {
                let workspace_id = evidence
                    .path
                    .get(on)
                    .and_then(|id| id.as_str()?.parse().ok())
                    .ok_or(ErrorCode::NotFound)?;
                Some(allow(app, user_id, workspace_id, permission).await?)
            }
            _ => None,
        };
        Ok(SignedIn {
            user_id,
            name: user.name,
            email: user.email,
            role,
        })
    }

    fn id(actor: &SignedIn) -> Option<Uuid> {
        Some(actor.user_id.uuid())
    }

    fn topic(actor: &SignedIn) -> Option<Topic> {
        Some(Topic::User(actor.user_id))
    }

    fn role(actor: &SignedIn) -> Option<Role> {
        actor.role
    }

    fn name(actor: &SignedIn) -> &str {
        &actor.name
    }
}

/// Nobody is signed in; takes note when the caller seemed to be.
fn nobody(app: &App, headers: &HeaderMap) -> ErrorCode {
    if has_cookie(headers, app.session_cookie()) {
        app.tallies.stray_cookie(app.clock.now());
    }
    ErrorCode::Unauthenticated
}

/// Begins a session's lifetime anew now and then, so that it ends after so long without a visit;
/// not at every visit, for each time is a write.
async fn keep_alive(app: &App, session: &Session) -> Result<(), AppError> {
    let now = app.clock.now();
    let begun: Option<Timestamp> = session.get(BEGUN_KEY).await?;
    let lifetime = app.config.session.lifetime_ms();
    if begun.is_none_or(|begun| now.millis_since(begun) > lifetime / BEGUN_IN_LIFETIME) {
        begin_lifetime(app, session).await?;
    }
    Ok(())
}

/// Begins a session's lifetime.
pub(crate) async fn begin_lifetime(app: &App, session: &Session) -> Result<(), AppError> {
    let now = app.clock.now();
    let end = now.plus_millis(app.config.session.lifetime_ms());
    let end = OffsetDateTime::from_unix_timestamp_nanos(i128::from(end.micros()) * 1_000);
    session.set_expiry(Some(Expiry::AtDateTime(end.map_err(AppError::internal)?)));
    Ok(session.insert(BEGUN_KEY, now).await?)
}

/// The one place where a role meets a permission. A workspace of which the person is no member
/// does not exist to them.
async fn allow(
    app: &App,
    user_id: UserId,
    workspace_id: WorkspaceId,
    permission: Permission,
) -> Result<Role, AppError> {
    let role = store::membership::role(&app.db, workspace_id, user_id)
        .await?
        .ok_or(ErrorCode::NotFound)?;
    if role.allows(permission) {
        Ok(role)
    } else {
        Err(ErrorCode::PermissionDenied.into())
    }
}

impl Authenticate for RunnerProcess {
    type Actor = RunnerId;

    async fn authenticate(app: &App, evidence: Evidence<'_>) -> Result<RunnerId, AppError> {
        let token = evidence
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or(ErrorCode::Unauthenticated)?;
        services::runner::by_token(app, token).await
    }

    fn id(actor: &RunnerId) -> Option<Uuid> {
        Some(actor.uuid())
    }

    fn topic(actor: &RunnerId) -> Option<Topic> {
        Some(Topic::Runner(*actor))
    }

    fn name(_: &RunnerId) -> &'static str {
        "runner"
    }
}
