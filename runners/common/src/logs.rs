//! Log lines of instances, on their way to the server.
//!
//! A collector for each instance reads lines from the platform and gives them line ids. The
//! queue keeps them until the server acknowledges them. The queue is bounded for each
//! deployment: when it is full, its collectors stop reading and the platform keeps the lines
//! meanwhile.

mod collector;
mod collectors;
mod deployment_queue;
mod line_ids;
mod queue;

pub(crate) use collectors::Collectors;
pub(crate) use queue::LogQueue;
