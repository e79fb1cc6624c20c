//! The volumes of a workspace.

pub(crate) mod create_volume;
pub(crate) mod get_volume;
pub(crate) mod list_volumes;
mod lost;
mod purging;
mod trash;

use models::rbac::{Permission, VolumeAction};

use super::resource::Kind;
use crate::paths;

const VOLUMES: Kind = Kind {
    many: "Volumes",
    list: paths::volumes,
    new: "New volume",
    create: paths::new_volume,
    permission: Permission::Volume(VolumeAction::Create),
};
