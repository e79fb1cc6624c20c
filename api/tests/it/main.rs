//! The server as a whole: its real router on real databases.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod audit;
mod authorisation;
mod auto_deploy;
mod database_away;
mod declared_errors;
mod deployment;
mod environment;
mod full_disk;
mod harness;
mod image;
mod images;
mod link_limits;
mod local_runner;
mod log;
mod machine_type;
mod names;
mod observed;
mod pages;
mod paging;
mod policy;
mod registration;
mod registry;
mod replay;
mod roll_back;
mod runner;
mod scaling;
mod secret;
mod session;
mod setup;
mod sign_in;
mod start;
mod stats;
mod streams;
mod terminal;
mod two_servers;
mod values;
mod volume;
mod wire;
