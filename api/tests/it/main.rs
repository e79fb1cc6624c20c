//! The server as a whole: its real router on real databases.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod api_tokens;
mod audit;
mod authorization;
mod auto_deploy;
mod declared_errors;
mod deployment;
mod environment;
mod images;
mod link_limits;
mod log;
mod names;
mod registration;
mod registry;
mod replay;
mod roll_back;
mod runs;
mod scaling;
mod session;
mod setup;
mod sign_in;
mod stats;
mod streams;
mod terminal;
mod two_servers;
mod volume;
mod wire;
