//! The contract: what is on the wire, and what may not happen to it unnoticed.
//!
//! `INSTA_UPDATE=always cargo test -p models` writes the snapshots anew, `UPDATE_DOCS=1` the pages of
//! `docs/` that are made of the contract. A difference in either is a difference for every client:
//! read it before you keep it.
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
