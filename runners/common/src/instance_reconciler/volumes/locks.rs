//! One lock for each volume.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, Weak},
};

use models::VolumeId;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use crate::sync::lock;

/// The locks of volumes that are held or waited for.
#[derive(Debug, Default)]
pub(in crate::instance_reconciler) struct VolumeLocks(
    Mutex<HashMap<VolumeId, Weak<AsyncMutex<()>>>>,
);

/// Held while an instance with these volumes is made, or one of them is removed.
pub(in crate::instance_reconciler) type VolumeGuards = Vec<OwnedMutexGuard<()>>;

impl VolumeLocks {
    /// Waits for each of these volumes.
    ///
    /// Always locks in the order of ids, so that two claims of the same volumes cannot
    /// deadlock.
    pub(in crate::instance_reconciler) async fn claim(
        &self,
        volume_ids: impl IntoIterator<Item = VolumeId>,
    ) -> VolumeGuards {
        let wanted: BTreeSet<VolumeId> = volume_ids.into_iter().collect();
        let mut guards = Vec::with_capacity(wanted.len());
        for volume_id in wanted {
            let volume = self.of(volume_id);
            guards.push(volume.lock_owned().await);
        }
        guards
    }

    fn of(&self, volume_id: VolumeId) -> Arc<AsyncMutex<()>> {
        let mut locks = lock(&self.0);
        if let Some(found) = locks.get(&volume_id).and_then(Weak::upgrade) {
            return found;
        }
        // Unused locks are dropped here, so that they do not pile up.
        locks.retain(|_, volume| volume.strong_count() > 0);
        let new = Arc::default();
        locks.insert(volume_id, Arc::downgrade(&new));
        new
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use models::VolumeId;
    use uuid::Uuid;

    use super::VolumeLocks;

    fn volumes<const N: usize>(numbers: [u128; N]) -> [VolumeId; N] {
        numbers.map(|number| VolumeId::from_uuid(Uuid::from_u128(number)))
    }

    #[test]
    fn only_callers_for_the_same_volume_wait() {
        let locks = VolumeLocks::default();
        let first = locks.claim(volumes([1, 2])).now_or_never();
        let first = first.expect("nobody holds them");
        assert!(locks.claim(volumes([3])).now_or_never().is_some());
        assert!(locks.claim(volumes([])).now_or_never().is_some());
        let mut waits = Box::pin(locks.claim(volumes([3, 2])));
        assert!(waits.as_mut().now_or_never().is_none());
        drop(first);
        assert!(waits.now_or_never().is_some());
    }

    #[tokio::test]
    async fn two_who_want_the_same_volumes_in_another_order_both_get_them() {
        let locks = VolumeLocks::default();
        let one = locks.claim(volumes([1, 2]));
        let other = locks.claim(volumes([2, 1]));
        let (one, other) = tokio::join!(
            async {
                let guards = one.await;
                tokio::task::yield_now().await;
                guards.len()
            },
            async {
                let guards = other.await;
                tokio::task::yield_now().await;
                guards.len()
            }
        );
        assert_eq!((one, other), (2, 2));
    }

    #[test]
    fn unused_locks_are_dropped() {
        let locks = VolumeLocks::default();
        for number in 0..100 {
            locks.claim(volumes([number])).now_or_never();
        }
        assert_eq!(super::lock(&locks.0).len(), 1);
    }
}
