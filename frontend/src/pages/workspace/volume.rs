//! The volumes of a workspace.

pub(crate) mod create_volume;
pub(crate) mod get_volume;
pub(crate) mod list_volumes;
mod lost;
mod removal;
mod trash;

use models::rbac::{Permission, VolumeAction};

use super::resource::ResourceKind;
use crate::paths;

const VOLUMES: ResourceKind = ResourceKind {
    many: "Volumes",
    list: paths::volumes,
    new: "New volume",
    create: paths::new_volume,
    permission: Permission::Volume(VolumeAction::Create),
};
