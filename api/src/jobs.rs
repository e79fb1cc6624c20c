//! Durable background jobs, in a table of the same database.
//!
//! A job is added in the transaction of the change that causes it, so that both happen or
//! neither does. A worker claims it with a lease; if the worker dies, the lease expires and
//! another worker takes the job. A job may therefore run twice, one run after the other, so
//! every handler must be idempotent. Two runs of a job never overlap.

mod job;
mod kind;
mod queue;
mod run;
mod store;
mod worker;

#[cfg(test)]
mod tests;

pub use job::Job;
pub use kind::{Handler, JobError, JobKind, Outcome};
pub use queue::Jobs;
#[cfg(test)]
pub(crate) use store::ALL;
pub use worker::WorkerOptions;
