//! Volumes on the platform: their claims and their removal.
//!
//! The server attaches a volume to one deployment only, and this runner checks that itself
//! before it creates an instance or removes a volume: two processes on one data folder destroy
//! it. Both operations hold the volume's lock from the check to the end, so neither comes
//! between the other's. Other volumes do not wait: creating an instance may take long, and so
//! may removing much data.

mod locks;
mod trash;

use models::{
    VolumeId,
    runner::{RunnerFrame, WorkloadRelease},
};
use tracing::info;

pub(super) use self::{
    locks::{VolumeGuards, VolumeLocks},
    trash::empty_trash,
};

use super::context::Context;
use crate::{
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
pub(super) async fn claim<P: InstancePlatform>(
    context: &Context<P>,
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
/// The first one that does not exist, or is another's.
pub(super) async fn check_present<P: InstancePlatform>(
    context: &Context<P>,
    release: &WorkloadRelease,
) -> Result<(), RunnerError> {
    let mut lost = None;
    for mount in release.expected_mounts() {
        let volume_id = mount.volume_id;
        if !context
            .platform
            .has_volume(context.agent.runner_id, volume_id)
            .await?
        {
            let outbox = &context.agent.outbox;
            outbox.push(RunnerFrame::VolumeLost { volume_id });
            lost.get_or_insert_with(|| RunnerError::volume_lost(mount));
        }
    }
    lost.map_or(Ok(()), Err)
}

/// Removes a volume of this runner, or retires it.
///
/// The host policy says for how long.
///
/// # Errors
/// When an instance has it, or as [`InstancePlatform::remove_volume`].
pub(super) async fn remove<P: InstancePlatform>(
    context: &Context<P>,
    volume_id: VolumeId,
) -> Result<(), RunnerError> {
    let _guards = context.volumes.claim([volume_id]).await;
    check_unused(context, volume_id).await?;
    let (platform, owner) = (&context.platform, context.agent.runner_id);
    let days = policy::keep_removed_days(&context.agent.policy);
    if days == 0 {
        platform.remove_volume(owner, volume_id).await?;
        info!(volume.id = %volume_id, "removed a volume permanently, as the server requested");
        return Ok(());
    }
    let until = context
        .agent
        .host
        .now()
        .plus_millis(i64::from(days) * DAY_MS);
    platform.retire_volume(owner, volume_id, until).await?;
    info!(
        volume.id = %volume_id,
        days,
        "the server removed a volume; its data is kept on this host for this many days"
    );
    Ok(())
}

async fn check_unused<P: InstancePlatform>(
    context: &Context<P>,
    volume_id: VolumeId,
) -> Result<(), RunnerError> {
    let snapshot = context.agent.informer.relist().await?;
    if snapshot.iter().any(|one| one.volumes.contains(&volume_id)) {
        return Err(RunnerError::volume_busy());
    }
    Ok(())
}
