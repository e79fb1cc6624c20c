//! Endpoints for runners themselves.

mod connect_runner;
mod enrol_runner;

pub use connect_runner::*;
pub use enrol_runner::*;
