//! Servers in this process, their callers and their runners, for tests.
#![expect(
    missing_docs,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "the tests of the server and of the product share it, and a test that cannot go on fails"
)]

mod chaos_proxy;
mod client;
pub mod contents;
mod fake_runner;
pub mod images;
pub mod log;
pub mod registration;
pub mod scaling;
mod server;
pub mod stats;
pub mod streams;
pub mod terminal;
mod things;
mod unlinked;
pub mod volume;

pub use chaos_proxy::ChaosProxy;
pub use client::{Answer, Client};
pub use fake_runner::{Fake, spec};
pub use server::{Backing, PASSWORD, TestServer, eventually, unconnected};
pub use things::Things;
pub use unlinked::Unlinked;
