//! The way from a request to its handler.
//!
//! Every check that an endpoint's declaration asks for is made here, before its handler can run.

mod address;
mod authenticate;
mod ctx;
mod device_cookie;
mod form;
mod log_throttle;
mod lookup;
mod mount;
mod origin;
mod public_host;
mod rate;
mod scope;
mod security_headers;
mod session;
mod stream;
mod text;

pub use address::client_address;
pub use authenticate::Authenticate;
pub use ctx::Ctx;
pub use device_cookie::Browser;
pub use form::FormEndpoint;
pub use log_throttle::LogThrottles;
pub use mount::{Api, mount, mount_text};
pub use origin::is_from_own_pages;
pub use public_host::{public_host_only, refuse_misdirected};
pub use rate::{EVICT_INTERVAL, PageRateCheck, RateLimiter};
pub use scope::Scope;
pub use security_headers::security_headers;
pub use session::begin_session;
pub use stream::{Closed, Socket, StreamCtx, StreamEnd, mount_stream, mount_stream_of};
pub use text::TextFile;
