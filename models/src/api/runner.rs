//! Endpoints for runners themselves.

mod connect_runner;
mod register_runner;

pub use connect_runner::*;
pub use register_runner::*;
