//! The secrets of a workspace.

pub(crate) mod create_secret;
pub(crate) mod get_secret;
pub(crate) mod list_secrets;

use models::rbac::{Permission, SecretAction};

use super::resource::ResourceKind;
use crate::paths;

const SECRETS: ResourceKind = ResourceKind {
    many: "Secrets",
    list: paths::secrets,
    new: "New secret",
    create: paths::new_secret,
    permission: Permission::Secret(SecretAction::Create),
};
