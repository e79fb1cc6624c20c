//! What runners themselves call.

mod connect_runner;

pub use connect_runner::*;
