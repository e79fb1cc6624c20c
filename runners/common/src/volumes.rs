//! Removal of volumes, as the server asks.

use std::{collections::HashSet, sync::Arc};

use models::{VolumeId, deployment::Failure, runner::RunnerFrame};
use tracing::warn;

use crate::{
    context::AgentContext,
    platform::{Reconciler, RunnerError},
};

/// Removes the volumes that the server named, except those of a workload.
///
/// Reports the result for each.
pub(crate) async fn remove<R: Reconciler>(
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    volume_ids: Vec<VolumeId>,
    wanted: HashSet<VolumeId>,
) {
    for volume_id in volume_ids {
        let removed = if wanted.contains(&volume_id) {
            Err(RunnerError::volume_busy())
        } else if context.capabilities.volumes {
            reconciler.remove_volume(volume_id).await
        } else {
            Err(RunnerError::no_volumes())
        };
        context.outbox.push(match removed {
            Ok(()) => RunnerFrame::VolumeRemoved { volume_id },
            Err(error) => {
                warn!(
                    volume.id = %volume_id,
                    %error.code,
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
