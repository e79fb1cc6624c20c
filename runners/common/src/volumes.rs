//! Volumes on the platform: who has them, and their end.
//!
//! The server gives a volume to one deployment only, and this runner looks itself before it makes an
//! instance or removes a volume: two processes on one folder of data destroy it. Both hold the lock of
//! the volume from the look to the deed, so that neither comes between the other's. Other volumes wait
//! for nothing: making an instance may take long, and so may removing much data.

mod locks;
mod trash;

use std::{collections::HashSet, sync::Arc};

use models::{
    VolumeId,
    deployment::{Failure, Spec},
    runner::RunnerFrame,
};
use tracing::{info, warn};

pub(crate) use self::{
    locks::{Claim, Locks},
    trash::empty_trash,
};

use crate::{
    context::Context,
    policy,
    runner::{Runner, RunnerError},
};

const DAY_MS: i64 = 24 * 3_600_000;

/// Waits until nothing else is made with these volumes, and says whether they are free.
///
/// # Errors
/// When an instance has one of them, in whatever state: it may be started again.
pub(crate) async fn claim<R: Runner>(
    context: &Context<R>,
    spec: &Spec,
) -> Result<Claim, RunnerError> {
    let volume_ids = spec.volumes.iter().map(|mount| mount.volume_id);
    let claim = context.volumes.claim(volume_ids).await;
    for mount in &spec.volumes {
        refuse_if_used(context, mount.volume_id).await?;
    }
    Ok(claim)
}

/// Removes the volumes that the server named, but for those that a workload names, and says of each
/// what became of it.
pub(crate) async fn remove<R: Runner>(
    context: Arc<Context<R>>,
    volume_ids: Vec<VolumeId>,
    wanted: HashSet<VolumeId>,
) {
    for volume_id in volume_ids {
        let removed = if wanted.contains(&volume_id) {
            Err(busy())
        } else {
            remove_one(&context, volume_id).await
        };
        context.outbox.push(match removed {
            Ok(()) => RunnerFrame::VolumeRemoved { volume_id },
            Err(error) => {
                warn!(
                    volume.id = %volume_id,
                    error.code,
                    error = %error,
                    source = ?error.source,
                    "a volume was not removed"
                );
                RunnerFrame::VolumeKept {
                    volume_id,
                    failure: Failure::from(error),
                }
            }
        });
    }
}

async fn remove_one<R: Runner>(
    context: &Context<R>,
    volume_id: VolumeId,
) -> Result<(), RunnerError> {
    let _claim = context.volumes.claim([volume_id]).await;
    refuse_if_used(context, volume_id).await?;
    let (runner, owner) = (&context.runner, context.runner_id);
    let days = policy::keep_removed_days(&context.policy);
    if days == 0 {
        runner.remove_volume(owner, volume_id).await?;
        info!(volume.id = %volume_id, "removed a volume for good, as the server asked");
        return Ok(());
    }
    let until = context.machine.now().plus_millis(i64::from(days) * DAY_MS);
    runner.retire_volume(owner, volume_id, until).await?;
    info!(
        volume.id = %volume_id,
        days,
        "the server had a volume removed; its data is kept on this machine for these days"
    );
    Ok(())
}

async fn refuse_if_used<R: Runner>(
    context: &Context<R>,
    volume_id: VolumeId,
) -> Result<(), RunnerError> {
    let view = context.observer.fresh().await?;
    if view.all().any(|one| one.volumes.contains(&volume_id)) {
        return Err(busy());
    }
    Ok(())
}

fn busy() -> RunnerError {
    RunnerError::platform(
        "volume_busy",
        "Another instance still has the volume. It is free once that is gone.",
    )
}
