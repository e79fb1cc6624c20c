//! The projects of a workspace.

pub(crate) mod create_project;
pub(crate) mod get_project;
pub(crate) mod list_projects;

use models::rbac::{Permission, ProjectAction};

use super::resource::ResourceKind;
use crate::paths;

const PROJECTS: ResourceKind = ResourceKind {
    many: "Projects",
    list: paths::projects,
    new: "New project",
    create: paths::new_project,
    permission: Permission::Project(ProjectAction::Create),
};
