//! Image garbage collection.

use std::sync::Arc;

use models::{runner::WorkloadRelease, value::ImageDigest};
use tracing::{info, warn};

use crate::{
    context::AgentContext,
    platform::{NeededImages, Reconciler},
};

/// Age below which no image is removed: it may be about to run in an instance.
const GRACE_MS: i64 = 3_600_000;

/// Removes images that this runner pulled and that nothing references.
///
/// References are those of the server and of the desired state.
pub(crate) async fn prune<R: Reconciler>(
    context: Arc<AgentContext>,
    reconciler: Arc<R>,
    digests: Vec<ImageDigest>,
) {
    let needed = needed(&context, digests);
    match reconciler.prune(&needed).await {
        Ok(0) => {}
        Ok(removed) => info!(removed, "removed unused images"),
        Err(error) => warn!(
            %error.code,
            error = %error,
            source = ?error.source,
            "failed to remove unused images"
        ),
    }
}

/// Digests to keep: sent by the server, desired, or live before the rollout.
fn needed(context: &AgentContext, digests: Vec<ImageDigest>) -> NeededImages {
    let mut needed = NeededImages {
        digests: digests.into_iter().collect(),
        images: Vec::new(),
        pulled_before: context.host.now().plus_millis(-GRACE_MS),
    };
    for stored in context.desired_cache.workloads() {
        let workloads = std::iter::once(stored.desired).chain(stored.previous);
        for workload in workloads {
            if let Some(release) = &workload.release {
                require(&mut needed, release);
            }
        }
    }
    needed
}

fn require(needed: &mut NeededImages, release: &WorkloadRelease) {
    let image = &release.spec.image;
    let digest = release.image_digest.clone();
    needed.digests.extend(digest.or_else(|| image.digest()));
    if !needed.images.contains(image) {
        needed.images.push(image.clone());
    }
}
