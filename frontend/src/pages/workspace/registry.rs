//! The registries of a workspace.

pub(crate) mod create_registry;
pub(crate) mod get_registry;
pub(crate) mod list_registries;

use models::rbac::{Permission, RegistryAction};

use super::resource::ResourceKind;
use crate::paths;

const REGISTRIES: ResourceKind = ResourceKind {
    many: "Registries",
    list: paths::registries,
    new: "New registry",
    create: paths::new_registry,
    permission: Permission::Registry(RegistryAction::Create),
};
