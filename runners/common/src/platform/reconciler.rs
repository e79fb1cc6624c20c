//! The upper level of the seam: what a runner asks of any platform.

use std::{future::Future, sync::Arc, time::Duration};

use futures::Stream;
use models::{
    VolumeId,
    runner::{RegistryCredential, Workload, WorkloadRelease},
    value::{ImageDigest, ImageReference},
};

use super::{
    Exec, ExecSession, InstanceKey, InstanceNetwork, InstanceStats, LogStart, NeededImages,
    PlatformInstance, PlatformLine, RunnerError,
};
use crate::deployment::DeploymentHandle;

/// Reconciles deployments on a platform.
///
/// It is level-triggered: the agent hands it a desired state again and again, whenever that
/// state or the observed one changed. It keeps nothing that [`Self::observed`] cannot rebuild
/// from the platform's own labels, and each call may be repeated, and dropped at any await point.
///
/// Nothing here says how instances come and go. A cluster may replace one that ended; an engine
/// starts it again.
pub trait Reconciler: Sized + Send + Sync + 'static {
    /// State of one deployment between two reconciles. A restart of the runner loses it.
    type Worker: Send + 'static;

    /// Lists every instance of this runner, whatever its state.
    ///
    /// # Errors
    /// When the platform does not answer. Never return an empty list instead: it means "all are
    /// gone".
    fn observed(&self) -> impl Future<Output = Result<Vec<PlatformInstance>, RunnerError>> + Send;

    /// Yields whenever something may have changed, so that the agent lists again.
    ///
    /// It may end or miss events: it is called again a moment later, and the agent lists from
    /// time to time anyway.
    fn changes(&self) -> impl Stream<Item = ()> + Send;

    /// Creates the state of a deployment that the agent begins to reconcile.
    fn worker(&self, deployment: Arc<DeploymentHandle<Self>>) -> Self::Worker;

    /// Brings a deployment closer to its desired state, running or stopped.
    ///
    /// A release that is not live yet is rolled out: its phases are reported through the
    /// [handle](DeploymentHandle), up to live or failed, and instances of other releases stay
    /// until it is verified. A newer desired state drops the call.
    ///
    /// # Errors
    /// When it should be tried again. The agent reports the error and does so after a pause.
    fn reconcile(
        &self,
        worker: &mut Self::Worker,
        workload: &Workload,
    ) -> impl Future<Output = Result<Action, RunnerError>> + Send;

    /// Starts an attempt of a run: an instance that is started once.
    ///
    /// It has this key, and may be there already, created and perhaps started, by an earlier
    /// call. [`begin_attempt`] comes right before its start. [`observed`](Self::observed) shows
    /// it from then on until [`remove`](Self::remove), whether it runs or has exited: a restarted
    /// runner reads the result there. Returns the digest of its image. The agent counts
    /// attempts, limits their time and reports them.
    ///
    /// Called only with the capability [`runs`](super::Capabilities::runs).
    ///
    /// [`begin_attempt`]: DeploymentHandle::begin_attempt
    ///
    /// # Errors
    /// When it did not start. If that may be the platform's fault, and the attempt was begun,
    /// the next one follows.
    fn start_attempt(
        &self,
        worker: &mut Self::Worker,
        key: &InstanceKey,
        release: &WorkloadRelease,
        network: Option<&InstanceNetwork>,
    ) -> impl Future<Output = Result<ImageDigest, RunnerError>> + Send {
        let _ = (worker, key, release, network);
        std::future::ready(Err(RunnerError::no_runs()))
    }

    /// Explains an exit of an attempt that never really ran.
    ///
    /// An example is a program that the image does not have. `None` when it ran, or the
    /// platform cannot tell.
    fn explain_exit(
        &self,
        key: &InstanceKey,
        code: i64,
    ) -> impl Future<Output = Option<RunnerError>> + Send {
        let _ = (key, code);
        std::future::ready(None)
    }

    /// Stops an attempt whose time is over; its instance stays, exited.
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn stop_attempt(
        &self,
        worker: &mut Self::Worker,
        key: &InstanceKey,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send {
        let _ = (worker, key);
        std::future::ready(Err(RunnerError::no_runs()))
    }

    /// Removes everything of a deployment but its volumes, or everything of a run.
    ///
    /// [`Action::Finished`] means that nothing is left.
    ///
    /// # Errors
    /// As [`Self::reconcile`].
    fn remove(
        &self,
        worker: &mut Self::Worker,
    ) -> impl Future<Output = Result<Action, RunnerError>> + Send;

    /// Streams the lines of an instance, oldest first, then new ones as they come.
    ///
    /// The stream ends when the instance has exited and all was read.
    fn logs(
        &self,
        instance: &InstanceKey,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send;

    /// Measures instances, several at once; leaves out those that do not run or exist.
    ///
    /// # Errors
    /// When the platform does not answer.
    fn stats(
        &self,
        instances: &[InstanceKey],
    ) -> impl Future<Output = Result<Vec<InstanceStats>, RunnerError>> + Send;

    /// Runs a program inside a running instance, without a shell.
    ///
    /// # Errors
    /// [`Fault::User`](models::deployment::Fault::User) when there is no such program, else the
    /// platform's.
    fn exec(
        &self,
        instance: &InstanceKey,
        exec: Exec,
    ) -> impl Future<Output = Result<ExecSession, RunnerError>> + Send;

    /// Resolves an image's tag at its registry to a digest.
    ///
    /// Called only with the capability [`tags`](super::Capabilities::tags).
    ///
    /// # Errors
    /// [`Fault::User`](models::deployment::Fault::User) when there is no such image or no
    /// access to it, else the platform's.
    fn resolve_tag(
        &self,
        image: &ImageReference,
        credential: Option<&RegistryCredential>,
    ) -> impl Future<Output = Result<ImageDigest, RunnerError>> + Send {
        let _ = (image, credential);
        std::future::ready(Err(RunnerError::no_tags()))
    }

    /// Removes a volume of this runner, because the server asked for this one.
    ///
    /// Called only with the capability [`volumes`](super::Capabilities::volumes), and never for
    /// a volume of a workload. One that does not exist is no error.
    ///
    /// # Errors
    /// When it is another's, when an instance has it, or when the platform refuses or does not
    /// answer.
    fn remove_volume(
        &self,
        volume: VolumeId,
    ) -> impl Future<Output = Result<(), RunnerError>> + Send {
        let _ = volume;
        std::future::ready(Err(RunnerError::no_volumes()))
    }

    /// Removes images that this runner pulled and nobody needs; returns their number.
    ///
    /// A cluster, whose nodes remove images by themselves, removes nothing.
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn prune(
        &self,
        needed: &NeededImages,
    ) -> impl Future<Output = Result<usize, RunnerError>> + Send {
        let _ = needed;
        std::future::ready(Ok(0))
    }

    /// Runs chores that belong to no deployment, forever.
    fn run_chores(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}

/// Result of one reconcile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Converged until something changes.
    AwaitChange,
    /// Something was done that should show soon: reconcile after a pause that grows.
    RequeueSoon,
    /// Reconcile after this long, or when something changes.
    RequeueAfter(Duration),
    /// The deployment is removed. From a reconcile, the same as [`Self::AwaitChange`].
    Finished,
}
