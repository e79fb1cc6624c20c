//! What runners themselves call.

mod connect_runner;

pub(super) use connect_runner::connect_runner;
