//! Secrets of a workspace.

mod create_secret;
mod delete_secret;
mod get_secret;
mod list_secrets;
mod update_secret;

pub(in crate::routes) use create_secret::create_secret;
pub(in crate::routes) use delete_secret::delete_secret;
pub(in crate::routes) use get_secret::get_secret;
pub(in crate::routes) use list_secrets::list_secrets;
pub(in crate::routes) use update_secret::update_secret;
