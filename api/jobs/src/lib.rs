//! Durable background jobs, in a table of the database whose changes cause them.
//!
//! A job is added in the transaction of the change that causes it, so that both happen or
//! neither does. A worker claims it with a lease; if the worker dies, the lease expires and
//! another worker takes the job. A job may therefore run twice, one run after the other, so
//! every handler must be idempotent. Two runs of a job never overlap.
//!
//! The kinds of jobs belong to whoever has something to run: see [`JobKind`] and [`Handler`].
#![cfg_attr(
    test,
    expect(clippy::disallowed_methods, reason = "tests start tasks of their own")
)]

mod kind;
mod queue;
mod run;
mod store;
mod worker;

#[cfg(test)]
mod statement_tests;
#[cfg(test)]
mod tests;

pub use kind::{Handler, JobError, JobKind, Outcome};
pub use queue::Jobs;
pub use worker::WorkerOptions;
