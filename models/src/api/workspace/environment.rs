//! The environments of a workspace's projects.

mod create_environment;
mod delete_environment;
mod get_environment;
mod list_environments;
mod update_environment;

pub use create_environment::*;
pub use delete_environment::*;
pub use get_environment::*;
pub use list_environments::*;
pub use update_environment::*;
