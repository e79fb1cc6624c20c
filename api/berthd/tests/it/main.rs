//! The product as a whole: pages and forms, the program, and apps on this machine.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod auto_deploy;
mod database_away;
mod deployment;
mod environment;
mod full_disk;
mod image;
mod local_runner;
mod log;
mod machine_type;
mod observed;
mod pages;
mod paging;
mod policy;
mod registration;
mod registry;
mod replay;
mod runner;
mod scaling;
mod secret;
mod sign_in;
mod start;
mod stats;
mod terminal;
mod values;
mod volume;
mod wire;

use api::db::Db;
use harness::Backing;

/// A server's database, together with the pages of the dashboard.
fn whole(db: Db) -> Backing {
    Backing {
        db,
        pages: berthd::dashboard::router,
    }
}
