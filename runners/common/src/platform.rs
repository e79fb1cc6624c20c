//! The traits that a new kind of runner implements, and their types.
//!
//! There are two levels. A platform of any kind is a [`Platform`] with a [`Reconciler`]; a
//! cluster, which keeps instances running by itself, implements both. An engine, which creates,
//! starts and stops one instance when told, implements [`InstancePlatform`] only: the loop of
//! this crate is its reconciler.

mod capabilities;
mod error;
mod exec;
mod health;
mod image;
mod instance;
mod instance_platform;
mod line;
mod pull;
mod reconciler;
mod stats;
mod volume;

use std::{future::Future, sync::Arc};

use models::runner::RunnerInfo;

pub use capabilities::Capabilities;
pub use error::{Retry, RunnerError};
pub use exec::{Exec, ExecControl, ExecSession, ProgramEnd};
pub use health::{CheckOutput, Health, HealthStatus};
pub use image::{ImageOrigin, NeededImages, Provenance, ReadyImage};
pub use instance::{
    AttemptKey, InstanceKey, InstanceNetwork, InstanceSpec, PlatformInstance, PlatformState,
};
pub use instance_platform::InstancePlatform;
#[cfg(feature = "process")]
pub(crate) use line::cut_at;
pub use line::{LineJoiner, LogStart, PlatformLine};
pub use pull::{PullProgress, PullStatus};
pub use reconciler::{Action, Reconciler};
pub use stats::InstanceStats;
pub use volume::RetiredVolume;

use crate::{
    context::AgentContext,
    owner::Owner,
    traffic::{NoTraffic, Traffic},
};

/// A platform of any kind, as a runner without an id sees it.
///
/// A runner introduces itself before the server tells it its id, so facts of the platform are
/// apart from everything that needs an identity, which is the [`Reconciler`]'s. Every
/// [`InstancePlatform`] is a platform.
pub trait Platform: Send + Sync + 'static {
    /// Reconciler of this platform.
    type Reconciler: Reconciler;

    /// Returns the optional abilities of the platform.
    ///
    /// They stay the same as long as the process runs. The agent calls no operation behind a
    /// missing one.
    fn capabilities(&self) -> Capabilities;

    /// Returns facts of the runner and its host: capacity, versions, health.
    ///
    /// The agent adds capabilities and policy.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn fingerprint(&self) -> impl Future<Output = Result<RunnerInfo, RunnerError>> + Send;

    /// Sets the ownership marks of the runner; called once, before the first link.
    ///
    /// A platform of one runner alone need do nothing.
    fn set_owner(&self, owner: Owner) {
        let _ = owner;
    }

    /// Returns the traffic plane, which carries requests to instances; called once.
    ///
    /// The default has none: apps are reached at the addresses of their ports.
    fn traffic(&self) -> Arc<dyn Traffic> {
        Arc::new(NoTraffic)
    }

    /// Creates the reconciler, now that the runner's id is known; called once.
    fn reconciler(self: Arc<Self>, context: Arc<AgentContext>) -> Self::Reconciler;
}
