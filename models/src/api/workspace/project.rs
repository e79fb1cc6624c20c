//! The projects of a workspace.

mod create_project;
mod delete_project;
mod get_project;
mod list_projects;
mod update_project;

pub use create_project::*;
pub use delete_project::*;
pub use get_project::*;
pub use list_projects::*;
pub use update_project::*;
