//! Volumes on the platform: their claims and their removal.
//!
//! The server attaches a volume to one deployment only, and this runner checks that itself
//! before it creates an instance or removes a volume: two processes on one data folder destroy
//! it. Both operations hold the volume's lock from the check to the end, so neither comes
//! between the other's. Other volumes do not wait: creating an instance may take long, and so
//! may removing much data.

mod locks;
mod trash;

use std::{collections::HashSet, sync::Arc};

use models::{
    VolumeId,
    deployment::Failure,
    runner::{RunnerFrame, WorkloadRelease},
};
use tracing::{info, warn};

pub(crate) use self::{
    locks::{VolumeGuards, VolumeLocks},
    trash::empty_trash,
};

use crate::{
    context::Context,
    platform::{InstancePlatform, RunnerError},
    policy,
};

const DAY_MS: i64 = 24 * 3_600_000;

/// Locks the volumes of a release and checks that they are free to use.
///
/// Volumes that must exist already are checked too.
///
/// # Errors
/// When an instance has one of them, in whatever state: it may be started again. As
/// [`check_present`].
pub(crate) async fn claim<R: InstancePlatform>(
    context: &Context<R>,
    release: &WorkloadRelease,
) -> Result<VolumeGuards, RunnerError> {
    let mounts = &release.spec.volumes;
    let volume_ids = mounts.iter().map(|mount| mount.volume_id);
    let guards = context.volumes.claim(volume_ids).await;
    for mount in mounts {
        check_unused(context, mount.volume_id).await?;
    }
    check_present(context, release).await?;
    Ok(guards)
}

/// Checks the volumes that must exist already, and reports lost ones to the server.
///
/// # Errors
/// The first one that does not exist, or is another's; or the platform keeps no volumes.
pub(crate) async fn check_present<R: InstancePlatform>(
    context: &Context<R>,
    release: &WorkloadRelease,
) -> Result<(), RunnerError> {
    if !release.spec.volumes.is_empty() && !context.runner.capabilities().volumes {
        return Err(RunnerError::no_volumes());
    }
    let mut lost = None;
    for mount in release.expected_mounts() {
        let volume_id = mount.volume_id;
        if !context
            .runner
            .has_volume(context.runner_id, volume_id)
            .await?
        {
            let outbox = &context.outbox;
            outbox.push(RunnerFrame::VolumeLost { volume_id });
            lost.get_or_insert_with(|| RunnerError::volume_lost(mount));
        }
    }
    lost.map_or(Ok(()), Err)
}

/// Removes the volumes that the server named, except those of a workload.
///
/// Reports the result for each.
pub(crate) async fn remove<R: InstancePlatform>(
    context: Arc<Context<R>>,
    volume_ids: Vec<VolumeId>,
    wanted: HashSet<VolumeId>,
) {
    for volume_id in volume_ids {
        let removed = if wanted.contains(&volume_id) {
            Err(in_use_error())
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
                    "failed to remove a volume"
                );
                RunnerFrame::VolumeRemovalFailed {
                    volume_id,
                    failure: Failure::from(error),
                }
            }
        });
    }
}

async fn remove_one<R: InstancePlatform>(
    context: &Context<R>,
    volume_id: VolumeId,
) -> Result<(), RunnerError> {
    if !context.runner.capabilities().volumes {
        return Err(RunnerError::no_volumes());
    }
    let _guards = context.volumes.claim([volume_id]).await;
    check_unused(context, volume_id).await?;
    let (runner, owner) = (&context.runner, context.runner_id);
    let days = policy::keep_removed_days(&context.policy);
    if days == 0 {
        runner.remove_volume(owner, volume_id).await?;
        info!(volume.id = %volume_id, "removed a volume permanently, as the server requested");
        return Ok(());
    }
    let until = context.host.now().plus_millis(i64::from(days) * DAY_MS);
    runner.retire_volume(owner, volume_id, until).await?;
    info!(
        volume.id = %volume_id,
        days,
        "the server removed a volume; its data is kept on this host for this many days"
    );
    Ok(())
}

async fn check_unused<R: InstancePlatform>(
    context: &Context<R>,
    volume_id: VolumeId,
) -> Result<(), RunnerError> {
    let snapshot = context.informer.relist().await?;
    if snapshot.iter().any(|one| one.volumes.contains(&volume_id)) {
        return Err(in_use_error());
    }
    Ok(())
}

fn in_use_error() -> RunnerError {
    RunnerError::platform(
        "volume_busy",
        "Another instance is still using the volume. Wait until that instance has stopped.",
    )
}
