//! What stands between a socket and a handler: every check that an endpoint's declaration asks
//! for, made before its handler can run.

mod address;
mod audit;
mod authenticate;
mod ctx;
mod device;
mod form;
mod mount;
mod origin;
mod public_host;
mod rate;
mod security_headers;
mod stream;
mod tally;
mod text;

pub use address::ClientAddress;
pub use audit::{AtTheEnd, Trail};
pub(crate) use authenticate::begin_lifetime;
pub use authenticate::{Authenticate, SignedIn};
pub use ctx::Ctx;
pub use device::{Account, Browser};
pub use form::FormEndpoint;
pub use mount::{Api, mount, mount_text};
pub use origin::is_from_own_pages;
pub use public_host::{public_host_only, refuse_elsewhere};
pub use rate::{Drawing, FORGET_INTERVAL, RateLimiter};
pub use security_headers::security_headers;
pub use stream::{Closed, Socket, StreamCtx, mount_stream, mount_stream_of};
pub use tally::Tallies;
pub use text::TextFile;
