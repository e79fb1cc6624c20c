//! The request context of endpoint handlers.

use models::endpoint::ApiEndpoint;
use tower_sessions::Session;

use super::{Authenticate, Browser};
use crate::{app::App, audit::AuditTrail};

/// A request that passed every check of its endpoint's declaration.
#[derive(Debug)]
pub struct Ctx<E>
where
    E: ApiEndpoint<Caller: Authenticate>,
{
    /// The server.
    pub app: App,
    /// The authenticated actor.
    pub actor: <E::Caller as Authenticate>::Actor,
    /// The actor's session; may be new.
    pub session: Session,
    /// The actor's browser, if there is one.
    pub browser: Browser,
    /// Path fields.
    pub path: E::Path,
    /// Query fields.
    pub query: E::Query,
    /// Validated body.
    pub request: E::Request,
    /// Audit trail, for events besides the request itself.
    pub trail: AuditTrail,
}
