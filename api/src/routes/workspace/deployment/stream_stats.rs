//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/stats/stream`

use std::time::Duration;

use models::{
    api::workspace::deployment::{StreamStats, StreamStatsServerMessage},
    error::ErrorCode,
    runner::SAMPLE_INTERVAL_MS,
};
use tokio::time::{Instant, timeout_at};

use crate::{
    bus::{Event, Subscription, Topic},
    http::{Closed, Socket, StreamCtx},
    services,
};

/// Shortest time between two messages about samples, for any number of runners.
const INTERVAL: Duration = Duration::from_millis(SAMPLE_INTERVAL_MS);

/// Notifies the page of new samples, at most once per sample interval.
pub async fn stream_stats(
    ctx: StreamCtx<StreamStats>,
    mut socket: Socket<StreamStats>,
) -> Result<(), Closed> {
    let (workspace_id, deployment_id) = (ctx.path.workspace_id, ctx.path.deployment_id);
    let mut events = ctx.app.bus.subscribe([Topic::Deployment(deployment_id)]);
    loop {
        match services::deployment::get(&ctx.app, workspace_id, deployment_id).await {
            Ok(_) => {}
            Err(error) if error.code() == ErrorCode::NotFound => {
                return socket.send(&StreamStatsServerMessage::Gone).await;
            }
            Err(error) => {
                tracing::warn!(error = %error.chain(), "a stream failed to read its deployment");
                return Err(Closed);
            }
        }
        loop {
            match socket.next_event(&mut events).await? {
                Event::DeploymentChanged { .. } => break,
                Event::StatsAppended { .. } => {
                    socket.send(&StreamStatsServerMessage::Sampled).await?;
                    rest(&mut socket, &mut events).await?;
                    break;
                }
                Event::Resync => {
                    socket.send(&StreamStatsServerMessage::Sampled).await?;
                    break;
                }
                _ => {}
            }
        }
    }
}

/// Waits for an interval; the next message covers events in between.
async fn rest(socket: &mut Socket<StreamStats>, events: &mut Subscription) -> Result<(), Closed> {
    // Slightly less than the interval; otherwise every second sample would arrive too early.
    let until = Instant::now() + INTERVAL.mul_f32(0.9);
    while let Ok(event) = timeout_at(until, socket.next_event(events)).await {
        event?;
    }
    Ok(())
}
