//! The trash of this host: retired data, until its retention ends.
//!
//! The server's own trash was over by then. This one protects against a stolen server, so no
//! frame shortens it.

use models::VolumeId;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

use super::{super::context::Context, check_unused};
use crate::platform::{InstancePlatform, RetiredVolume, RunnerError};

/// Removes data at the end of its retention, at intervals, forever.
pub(in crate::instance_reconciler) async fn empty_trash<P: InstancePlatform>(context: &Context<P>) {
    let mut ticks = interval(context.agent.timings.trash_check);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_first = true;
    loop {
        ticks.tick().await;
        if !context.agent.capabilities.volumes {
            continue;
        }
        let retired = match context.platform.retired(context.agent.runner_id).await {
            Ok(retired) => retired,
            Err(error) => {
                warn!(%error.code, error = %error, "cannot read the volume trash on this host");
                continue;
            }
        };
        let now = context.agent.host.now();
        for RetiredVolume { volume_id, until } in retired {
            if until > now {
                if is_first {
                    info!(volume.id = %volume_id, %until, "a removed volume stays in the trash until this time");
                }
                continue;
            }
            match remove(context, volume_id).await {
                Ok(()) => {
                    info!(volume.id = %volume_id, "removed a volume permanently from the trash");
                }
                Err(error) => warn!(
                    volume.id = %volume_id,
                    %error.code,
                    error = %error,
                    source = ?error.source,
                    "failed to remove a volume from the trash"
                ),
            }
        }
        is_first = false;
    }
}

async fn remove<P: InstancePlatform>(
    context: &Context<P>,
    volume_id: VolumeId,
) -> Result<(), RunnerError> {
    let _guards = context.volumes.claim([volume_id]).await;
    check_unused(context, volume_id).await?;
    let platform = &context.platform;
    // A new instance may have taken it back since the list was read.
    let retired = platform.retired(context.agent.runner_id).await?;
    if retired.iter().all(|one| one.volume_id != volume_id) {
        return Ok(());
    }
    platform
        .remove_volume(context.agent.runner_id, volume_id)
        .await
}
