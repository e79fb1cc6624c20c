//! The registries that a workspace pulls from with credentials.

pub(crate) mod create_registry;
pub(crate) mod get_registry;
pub(crate) mod list_registries;
