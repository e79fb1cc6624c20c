//! Registry credentials of a workspace.

mod create_registry;
mod delete_registry;
mod get_registry;
mod list_registries;
mod update_registry;

pub(in crate::routes) use create_registry::create_registry;
pub(in crate::routes) use delete_registry::delete_registry;
pub(in crate::routes) use get_registry::get_registry;
pub(in crate::routes) use list_registries::list_registries;
pub(in crate::routes) use update_registry::update_registry;
