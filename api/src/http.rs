//! The way from a request to its handler.
//!
//! Every check that an endpoint's declaration asks for is made here, before its handler can run.

mod address;
mod authenticate;
mod ctx;
mod device;
mod form;
mod mount;
mod origin;
mod public_host;
mod rate;
mod security_headers;
mod session;
mod stream;
mod tally;
mod text;

pub use address::client_address;
pub use authenticate::Authenticate;
pub use ctx::Ctx;
pub use device::Browser;
pub use form::FormEndpoint;
pub use mount::{Api, mount, mount_text};
pub use origin::is_from_own_pages;
pub use public_host::{public_host_only, refuse_elsewhere};
pub use rate::{Drawing, FORGET_INTERVAL, RateLimiter};
pub use security_headers::security_headers;
pub use session::begin_session;
pub use stream::{Closed, Socket, StreamCtx, mount_stream, mount_stream_of};
pub use tally::Tallies;
pub use text::TextFile;
