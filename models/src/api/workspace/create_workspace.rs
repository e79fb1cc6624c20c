//! `POST /workspace`

use macros::declare_api_endpoint;

use crate::{value::ResourceName, workspace::Workspace};

declare_api_endpoint! {
    /// Create a workspace.
    ///
    /// The caller becomes its owner.
    CreateWorkspace,
    POST "/workspace",
    access = signed_in,
    rate = Writes,
    audit = "workspace.create",
    request = {
        /// The workspace's name.
        #[garde(dive)]
        name: ResourceName,
    },
    response = 201 {
        /// The new workspace.
        workspace: Workspace,
    },
}
