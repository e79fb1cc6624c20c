//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/stream`

use models::{
    api::workspace::deployment::{StreamDeployment, StreamDeploymentServerMessage},
    deployment::Deployment,
    error::ErrorCode,
};

use crate::{
    bus::{Event, Topic},
    http::{Closed, Socket, StreamCtx},
    services,
};

/// Sends the whole deployment, now and after each change of it or its runner.
pub async fn stream_deployment(
    ctx: StreamCtx<StreamDeployment>,
    mut socket: Socket<StreamDeployment>,
) -> Result<(), Closed> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    // The whole workspace, because the runner is not known before the first read.
    let mut events = ctx.app.bus.subscribe([Topic::Workspace(workspace_id)]);
    let mut sent: Option<Deployment> = None;
    loop {
        let found = services::deployment::get(&ctx.app, workspace_id, deployment_id).await;
        match found.map(|deployment| deployment.for_reader(&ctx.actor.actor)) {
            Ok(now) if sent.as_ref() == Some(&now) => {}
            Ok(now) => {
                sent = Some(now.clone());
                let deployment = Box::new(now);
                socket
                    .send(&StreamDeploymentServerMessage::State { deployment })
                    .await?;
            }
            Err(error) if error.code() == ErrorCode::NotFound => {
                return socket.send(&StreamDeploymentServerMessage::Gone).await;
            }
            Err(error) => {
                tracing::warn!(error = %error.chain(), "a stream failed to read its deployment");
                return Err(Closed);
            }
        }
        let runner = sent.as_ref().map(|deployment| deployment.runner_id);
        loop {
            match socket.next_event(&mut events).await? {
                Event::Resync => break,
                Event::DeploymentChanged {
                    deployment_id: id, ..
                } if id == deployment_id => break,
                Event::RunnerChanged { runner_id, .. } if Some(runner_id) == runner => break,
                _ => {}
            }
        }
    }
}
