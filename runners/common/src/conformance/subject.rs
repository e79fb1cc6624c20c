//! The interface between the suite and a runner under test.

use std::future::Future;

use models::{DeploymentId, VolumeId, value::ImageReference};

use super::Harness;
use crate::platform::{InstanceKey, InstancePlatform, Platform};

/// A runner and its platform, under test.
pub trait Subject: Sync {
    /// The runner.
    type Runner: Platform;

    /// Creates a runner on the platform, as a freshly started process does.
    ///
    /// Another call is like a restart of the process: instances are still there.
    fn runner(&self) -> impl Future<Output = Self::Runner> + Send;

    /// Returns an image that is on the platform and behaves like [`App`](super::App).
    fn image(&self) -> ImageReference;

    /// Returns an image that exists nowhere.
    ///
    /// Pulling it fails by the user's fault as `image_not_found`.
    fn missing_image(&self) -> ImageReference;

    /// True if several runners may use the platform at once; each then marks its own.
    fn is_shared(&self) -> bool {
        true
    }

    /// Kills an instance as a crash would, behind the runner's back.
    ///
    /// The runner may notice later.
    fn kill(&self, instance: &InstanceKey) -> impl Future<Output = ()> + Send;

    /// Loses an unused volume with its data, behind the runner's back.
    ///
    /// Someone removed it by hand, or its disk is away. Not called for a platform that keeps
    /// none.
    fn lose(&self, volume: VolumeId) -> impl Future<Output = ()> + Send {
        let _ = volume;
        std::future::ready(())
    }

    /// Waits until nothing of a deployment is left, runs included.
    ///
    /// For a subject whose platform outlives the case; otherwise the runner might stop first.
    fn is_clean(
        &self,
        harness: &Harness<'_, Self>,
        deployment: DeploymentId,
    ) -> impl Future<Output = ()> + Send
    where
        Self: Sized,
    {
        let _ = (harness, deployment);
        std::future::ready(())
    }
}

/// A subject whose runner works with single instances.
///
/// The cases of the lower level need one: they look at the platform itself, and rely on the loop
/// that starts an ended instance again.
pub trait InstanceSubject: Subject<Runner: InstancePlatform> {}

impl<S: Subject<Runner: InstancePlatform>> InstanceSubject for S {}
