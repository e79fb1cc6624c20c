//! Projects of a workspace.

mod create_project;
mod delete_project;
mod get_project;
mod list_projects;
mod update_project;

pub(in crate::routes) use create_project::create_project;
pub(in crate::routes) use delete_project::delete_project;
pub(in crate::routes) use get_project::get_project;
pub(in crate::routes) use list_projects::list_projects;
pub(in crate::routes) use update_project::update_project;
