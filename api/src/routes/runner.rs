//! Endpoints for runners: their registration and their link.

mod connect_runner;
mod enrol_runner;

pub(super) use connect_runner::connect_runner;
pub(super) use enrol_runner::enrol_runner;
