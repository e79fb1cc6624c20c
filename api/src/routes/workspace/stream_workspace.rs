//! `GET /workspace/{workspace_id}/stream`

use models::api::workspace::{StreamWorkspace, StreamWorkspaceServerMessage};

use crate::{
    bus::Event,
    http::{Closed, Socket, StreamCtx},
};

/// Passes on what changes in the workspace.
pub async fn stream_workspace(
    ctx: StreamCtx<StreamWorkspace>,
    mut socket: Socket<StreamWorkspace>,
) -> Result<(), Closed> {
    let mut events = ctx.app.bus.subscribe();
    socket.send(&StreamWorkspaceServerMessage::Resync).await?;
    loop {
        let message = match socket.next_event(&mut events).await? {
            Event::DeploymentChanged {
                workspace_id,
                deployment_id,
            } if workspace_id == ctx.path.workspace_id => {
                StreamWorkspaceServerMessage::DeploymentChanged { deployment_id }
            }
            Event::RunnerChanged {
                workspace_id,
                runner_id,
            } if workspace_id == ctx.path.workspace_id => {
                StreamWorkspaceServerMessage::RunnerChanged { runner_id }
            }
            Event::EnrolmentChanged {
                workspace_id: Some(workspace_id),
                enrolment_id,
            } if workspace_id == ctx.path.workspace_id => {
                StreamWorkspaceServerMessage::EnrolmentChanged { enrolment_id }
            }
            Event::Resync => StreamWorkspaceServerMessage::Resync,
            _ => continue,
        };
        socket.send(&message).await?;
    }
}
