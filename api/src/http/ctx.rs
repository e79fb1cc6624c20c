//! Calls as handlers get them.

use models::endpoint::ApiEndpoint;
use tower_sessions::Session;

use super::{Authenticate, Browser};
use crate::{app::App, audit::AuditTrail};

/// A call that passed every check of its endpoint's declaration.
#[derive(Debug)]
pub struct Ctx<E>
where
    E: ApiEndpoint<Caller: Authenticate>,
{
    /// The server.
    pub app: App,
    /// Who calls.
    pub actor: <E::Caller as Authenticate>::Actor,
    /// The caller's session, which may be a new one.
    pub session: Session,
    /// The caller's browser, which may be none.
    pub browser: Browser,
    /// The fields of the path.
    pub path: E::Path,
    /// The fields of the query.
    pub query: E::Query,
    /// The body, validated.
    pub request: E::Request,
    /// For what is to be recorded besides the call itself.
    pub trail: AuditTrail,
}
