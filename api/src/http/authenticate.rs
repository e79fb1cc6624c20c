//! Authentication and authorization of requests.

use http::{HeaderMap, header};
use models::{
    UserId,
    endpoint::{Access, Anybody, Caller, Granted, Person, RunnerProcess},
    error::ErrorCode,
    name_or_id::NameOrId,
};
use tower_sessions::Session;

use super::{public_host::has_cookie, scope::Scope, session::keep_alive};
use crate::{
    actor::{Actor, LinkedRunner, SignedIn},
    app::App,
    client::ClientAddress,
    error::AppError,
    services,
    session_store::USER_KEY,
    store,
};

/// The parts of a request that identify its actor.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Address that the request came from.
    pub address: ClientAddress,
    /// Headers of the request.
    pub headers: &'a HeaderMap,
    /// Session of the request.
    pub session: &'a Session,
    /// Access that the endpoint declares.
    pub access: Access,
    /// Path fields; one of them names the resource that the permission is checked on.
    pub path: &'a serde_json::Value,
}

/// A kind of actor that the server can authenticate.
pub trait Authenticate: Caller {
    /// The authenticated actor.
    type Actor: AsRef<Actor> + Clone + std::fmt::Debug + Send + Sync + 'static;

    /// Authenticates the actor and checks their permission.
    ///
    /// # Errors
    /// `unauthenticated`, `not_found` or `permission_denied`.
    fn authenticate(
        app: &App,
        evidence: Evidence<'_>,
    ) -> impl Future<Output = Result<Self::Actor, AppError>> + Send;
}

impl Authenticate for Anybody {
    type Actor = Actor;

    async fn authenticate(_: &App, evidence: Evidence<'_>) -> Result<Actor, AppError> {
        Ok(Actor::anonymous(evidence.address))
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
        Ok(SignedIn {
            actor: Actor::person(user_id, &user.name, evidence.address),
            user_id,
            email: user.email,
        })
    }
}

/// Checks a permission; the only place where this happens.
///
/// To a person who is not a member of its workspace, the scope does not exist.
impl<S: Scope> Authenticate for Granted<S> {
    type Actor = SignedIn;

    async fn authenticate(app: &App, evidence: Evidence<'_>) -> Result<SignedIn, AppError> {
        let Access::Permission { permission, on } = evidence.access else {
            return Err(AppError::internal("the endpoint declares no permission"));
        };
        let person = Person::authenticate(app, evidence).await?;
        let scope = evidence.path.get(on).and_then(serde_json::Value::as_str);
        let scope = scope.and_then(NameOrId::parse).ok_or(ErrorCode::NotFound)?;
        let membership = S::membership(scope, app, person.user_id).await?;
        let actor = person.actor.with_membership(membership);
        if !actor.may(permission) {
            return Err(ErrorCode::PermissionDenied.into());
        }
        Ok(SignedIn { actor, ..person })
    }
}

/// Returns the error for an anonymous request.
///
/// A session cookie that fits no session is counted for the log.
fn nobody(app: &App, headers: &HeaderMap) -> ErrorCode {
    if has_cookie(headers, app.session_cookie()) {
        app.log_throttles.unknown_cookie(app.clock.now());
    }
    ErrorCode::Unauthenticated
}

impl Authenticate for RunnerProcess {
    type Actor = LinkedRunner;

    async fn authenticate(app: &App, evidence: Evidence<'_>) -> Result<LinkedRunner, AppError> {
        let token = evidence
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or(ErrorCode::Unauthenticated)?;
        let runner_id = services::runner::by_token(app, token).await?;
        Ok(LinkedRunner {
            actor: Actor::runner(runner_id, evidence.address),
            runner_id,
        })
    }
}
