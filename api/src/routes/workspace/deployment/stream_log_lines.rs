//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/log/stream`

use models::{
    api::workspace::deployment::{StreamLogLines, StreamLogLinesServerMessage},
    error::ErrorCode,
};

use crate::{
    bus::{Event, Subscription, Topic},
    http::{Closed, Socket, StreamCtx, StreamEnd},
    services,
};

/// Sends the lines after the client's position, then every new one.
pub async fn stream_log_lines(
    ctx: StreamCtx<StreamLogLines>,
    mut socket: Socket<StreamLogLines>,
) -> Result<(), Closed> {
    let deployment = Topic::Deployment(ctx.path.deployment_id);
    let mut events = ctx.app.bus.subscribe([deployment]);
    match follow(&ctx, &mut socket, &mut events).await {
        Ok(()) => Ok(()),
        Err(StreamEnd::Closed) => Err(Closed),
        Err(StreamEnd::Failed(error)) if error.code() == ErrorCode::NotFound => {
            socket.send(&StreamLogLinesServerMessage::Gone).await
        }
        Err(StreamEnd::Failed(error)) => {
            tracing::warn!(error = %error.chain(), "a stream failed to read its log");
            Err(Closed)
        }
    }
}

async fn follow(
    ctx: &StreamCtx<StreamLogLines>,
    socket: &mut Socket<StreamLogLines>,
    events: &mut Subscription,
) -> Result<(), StreamEnd> {
    let (app, workspace_id) = (&ctx.app, ctx.path.workspace_id);
    let deployment_id = ctx.path.deployment_id;
    // A missing deployment is an error, even if its log is empty.
    services::deployment::get(app, workspace_id, deployment_id).await?;
    let mut position = match ctx.query.after {
        Some(after) => after,
        None => services::log::end(app, workspace_id, deployment_id).await?,
    };
    loop {
        loop {
            let instance_id = ctx.query.instance_id;
            let following =
                services::log::following(app, workspace_id, deployment_id, position, instance_id)
                    .await?;
            position = following.reached;
            let lines = following.lines;
            if !lines.is_empty() {
                socket
                    .send(&StreamLogLinesServerMessage::Lines { lines })
                    .await?;
            }
            if !following.has_more {
                break;
            }
        }
        loop {
            match socket.next_event(events).await? {
                Event::Resync => break,
                Event::LogsAppended { position: end, .. } if end > position => break,
                Event::DeploymentChanged { .. } => {
                    services::deployment::get(app, workspace_id, deployment_id).await?;
                }
                _ => {}
            }
        }
    }
}
