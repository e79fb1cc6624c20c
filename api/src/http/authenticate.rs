//! Authentication and authorization of requests.

use http::{HeaderMap, header};
use models::{
    UserId,
    endpoint::{Access, Anyone, Caller, Granted, Person, RunnerProcess},
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
    store::{self, api_token::Bearer},
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

impl Authenticate for Anyone {
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
/// To a person who is not a member of its workspace, the scope does not exist. Nor does it to an
/// API token of another workspace. The grants of a token are those of its person, limited by its
/// role.
impl<S: Scope> Authenticate for Granted<S> {
    type Actor = SignedIn;

    async fn authenticate(app: &App, evidence: Evidence<'_>) -> Result<SignedIn, AppError> {
        let Access::Permission { permission, on } = evidence.access else {
            return Err(AppError::internal("the endpoint declares no permission"));
        };
        let bearer = match bearer_token(evidence.headers) {
            // A proxy may add a credential of its own, which concerns only itself.
            Some(token) if token.starts_with(services::api_token::PREFIX) => {
                Some(services::api_token::by_token(app, token).await?)
            }
            _ => None,
        };
        let person = match &bearer {
            Some(bearer) => SignedIn {
                actor: Actor::api_token(
                    bearer.api_token_id(),
                    bearer.user_id(),
                    &bearer.display_name(),
                    evidence.address,
                ),
                user_id: bearer.user_id(),
                email: bearer.email.clone(),
            },
            None => Person::authenticate(app, evidence).await?,
        };
        let scope = evidence.path.get(on).and_then(serde_json::Value::as_str);
        let scope = scope.and_then(NameOrId::parse).ok_or(ErrorCode::NotFound)?;
        let within = bearer.as_ref().map(Bearer::workspace_id);
        let mut membership = S::membership(scope, app, person.user_id, within).await?;
        if let Some(bearer) = bearer {
            membership.grants = membership.grants.intersection(bearer.role()?.grants());
        }
        let actor = person.actor.with_membership(membership);
        if !actor.may(permission) {
            return Err(ErrorCode::PermissionDenied.into());
        }
        Ok(SignedIn { actor, ..person })
    }
}

/// Returns the bearer token of a request (RFC 6750, section 2.1).
fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    // Names of schemes ignore case (RFC 9110, section 11.1).
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
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
        let token = bearer_token(evidence.headers).ok_or(ErrorCode::Unauthenticated)?;
        let runner_id = services::runner::by_token(app, token).await?;
        Ok(LinkedRunner {
            actor: Actor::runner(runner_id, evidence.address),
            runner_id,
        })
    }
}
