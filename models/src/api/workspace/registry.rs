//! The registries of a workspace, and the credentials for pulling from them.

mod create_registry;
mod delete_registry;
mod get_registry;
mod list_registries;
mod update_registry;

pub use create_registry::*;
pub use delete_registry::*;
pub use get_registry::*;
pub use list_registries::*;
pub use update_registry::*;
