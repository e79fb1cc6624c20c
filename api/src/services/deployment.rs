//! Deployments: their desired state, and the releases that follow from it.

mod change;
mod create;
mod delete;
mod new_release;
mod read;
mod start_and_stop;
mod update;

use models::{DeploymentId, WorkspaceId};

pub(super) use change::Change;
pub use create::create;
pub use delete::{delete, purge, removed};
pub use new_release::{deploy, restart, roll_back};
pub use read::{get, list, list_on};
pub use start_and_stop::{start, stop};
pub use update::update;

use crate::{app::App, bus::Event, db::Tx};

/// Publishes, once the transaction is committed, that a deployment changed.
pub(super) fn changed(
    app: &App,
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) {
    let event = Event::DeploymentChanged {
        workspace_id,
        deployment_id,
    };
    app.bus.publish_after(tx, event);
}
