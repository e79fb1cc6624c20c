//! What the suite needs of a runner that is to be tested.

use std::future::Future;

use models::{VolumeId, value::ImageReference};

use crate::runner::{InstanceKey, Runner};

/// A runner and its platform, under test.
pub trait Subject: Sync {
    /// The runner.
    type Runner: Runner;

    /// A runner on the platform, as a process makes it that was just started. Asked for again, it
    /// is as if the process had been restarted: what runs is still there.
    fn runner(&self) -> impl Future<Output = Self::Runner> + Send;

    /// An image that is on the platform and behaves like [`App`](super::App).
    fn image(&self) -> ImageReference;

    /// An image that is nowhere. Pulling it fails by the user's fault as `image_not_found`.
    fn missing_image(&self) -> ImageReference;

    /// Whether programs inside instances can have a terminal.
    fn has_terminals(&self) -> bool {
        true
    }

    /// Whether it keeps volumes.
    fn has_volumes(&self) -> bool {
        true
    }

    /// True when several runners may use the platform at once; each then marks its own.
    fn is_shared(&self) -> bool {
        true
    }

    /// Ends an instance as a crash would, behind the runner's back. The runner may notice later.
    fn kill(&self, instance: &InstanceKey) -> impl Future<Output = ()> + Send;

    /// Loses a volume that no instance has, with its data, behind the runner's back: somebody removed
    /// it by hand, or its disk is away. Not asked of a platform that keeps none.
    fn lose(&self, volume: VolumeId) -> impl Future<Output = ()> + Send {
        let _ = volume;
        std::future::ready(())
    }
}
