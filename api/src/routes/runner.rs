//! Endpoints for runners: their registration and their link.

mod connect_runner;
mod register_runner;

pub(super) use connect_runner::connect_runner;
pub(super) use register_runner::register_runner;
