//! Work that must happen, later or elsewhere: jobs in a table of the same database.
//!
//! A job is added in the transaction of the change that calls for it, so that both happen or
//! neither does. A worker claims it with a lease; when the worker dies, the lease runs out and
//! another one takes the job. A job may therefore run twice, one after the other, and every handler
//! must be able to bear that. It never runs twice at the same time.

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
