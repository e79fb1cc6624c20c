//! The contract: snapshots of the wire format, and rules that it must not break.
//!
//! `INSTA_UPDATE=always cargo test -p models` rewrites the snapshots, `UPDATE_DOCS=1` the pages
//! of `docs/` that are generated from the contract. A difference in either is a difference for
//! every client: read it before you keep it.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and `UPDATE_DOCS` is no setting"
)]

mod dotenv;
mod errors;
mod examples;
mod exchange;
mod forms;
mod pages;
mod registries;
mod registry;
mod sources;
mod states;
mod times;
mod values;
