//! Environments of a workspace's projects.

mod create_environment;
mod delete_environment;
mod get_environment;
mod list_environments;
mod update_environment;

pub(in crate::routes) use create_environment::create_environment;
pub(in crate::routes) use delete_environment::delete_environment;
pub(in crate::routes) use get_environment::get_environment;
pub(in crate::routes) use list_environments::list_environments;
pub(in crate::routes) use update_environment::update_environment;
