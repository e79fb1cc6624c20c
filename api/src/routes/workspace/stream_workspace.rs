//! `GET /workspace/{workspace_id}/stream`

use models::api::workspace::{StreamWorkspace, StreamWorkspaceServerMessage};

use crate::{
    bus::{Event, Topic},
    http::{Closed, Socket, StreamCtx},
};

/// Forwards the changes in the workspace.
pub async fn stream_workspace(
    ctx: StreamCtx<StreamWorkspace>,
    mut socket: Socket<StreamWorkspace>,
) -> Result<(), Closed> {
    let workspace = Topic::Workspace(ctx.path.workspace_id);
    let mut events = ctx.app.bus.subscribe([workspace]);
    socket.send(&StreamWorkspaceServerMessage::Resync).await?;
    loop {
        let message = match socket.next_event(&mut events).await? {
            Event::DeploymentChanged { deployment_id, .. } => {
                StreamWorkspaceServerMessage::DeploymentChanged { deployment_id }
            }
            Event::RunnerChanged { runner_id, .. } => {
                StreamWorkspaceServerMessage::RunnerChanged { runner_id }
            }
            Event::RegistrationChanged {
                registration_id, ..
            } => StreamWorkspaceServerMessage::RegistrationChanged { registration_id },
            Event::Resync => StreamWorkspaceServerMessage::Resync,
            _ => continue,
        };
        socket.send(&message).await?;
    }
}
