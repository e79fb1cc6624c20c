//! The jobs of the server, with the queue and the workers of the crate `jobs`.

mod job;

pub use ::jobs::{Handler, JobError, JobKind, Jobs, Outcome, WorkerOptions};
pub use job::Job;
