//! The runners of a workspace.

mod create_runner;
mod delete_runner;
mod get_runner;
mod list_runner_deployments;
mod list_runner_volumes;
mod list_runners;
mod rotate_runner_token;

pub use create_runner::*;
pub use delete_runner::*;
pub use get_runner::*;
pub use list_runner_deployments::*;
pub use list_runner_volumes::*;
pub use list_runners::*;
pub use rotate_runner_token::*;
