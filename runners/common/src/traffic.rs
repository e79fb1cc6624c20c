//! The traffic plane: what carries requests to instances.
//!
//! Its state is one [`Routing`] a deployment. Like everything here it is level-triggered: the
//! reconciler sets the routing again whenever it converges, so a call that was lost, or a plane
//! that forgot, never leaves requests at instances that are gone.

use std::fmt;

use futures::future::{BoxFuture, ready};
use models::{
    DeploymentId, ReleaseId,
    deployment::PublishedPort,
    runner::{Route, WorkloadRelease},
};
use tokio::time::Instant;

use crate::platform::{InstanceKey, PlatformInstance, PlatformState, RunnerError};

/// Carries requests to instances, and is called at three moments of a rollout.
///
/// The order is: the new instances are verified, [`Self::ready`], the release is recorded as
/// live, [`Self::switch`], [`Self::drain`] of each old instance, which then stops. Outside
/// rollouts, `switch` alone keeps the targets right, and `drain` precedes every orderly stop.
///
/// Each call may be dropped at any await point, and repeated. A dropped or failed `switch` may
/// have had its effect; another one always follows.
pub trait Traffic: fmt::Debug + Send + Sync {
    /// Checks, before a switch, that the plane could carry this routing out.
    ///
    /// It changes nothing: requests go where they went.
    ///
    /// # Errors
    /// When it could not, for example because it cannot reach a target. The release fails, and
    /// the older one is left alone.
    fn ready<'a>(&'a self, routing: &'a Routing) -> BoxFuture<'a, Result<(), RunnerError>>;

    /// Sends new requests of a deployment to exactly these targets from now on.
    ///
    /// It replaces the whole routing of the deployment at once: no request meets a mixture of
    /// two. It is called often with the routing that already holds, and should then be cheap. A
    /// target may refuse connections for a moment, since only the instances of a new release
    /// are verified. Requests that are under way stay where they are.
    ///
    /// # Errors
    /// When the plane refuses or does not answer. During a rollout the release fails and the
    /// previous routing is set again. Otherwise the call is repeated, after a pause.
    fn switch<'a>(&'a self, routing: &'a Routing) -> BoxFuture<'a, Result<(), RunnerError>>;

    /// Waits until no request is under way at an instance that is no target any more.
    ///
    /// At the deadline the call is dropped and the instance stops all the same; it is passed so
    /// that a plane can tell clients beforehand. A repeated call has the same deadline. An
    /// instance that the plane does not know has no requests.
    fn drain<'a>(&'a self, instance: &'a InstanceKey, deadline: Instant) -> BoxFuture<'a, ()>;
}

/// The routes of a deployment, and the instances behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// The release of the routes; absent for a deployment that is stopped or gone.
    pub release_id: Option<ReleaseId>,
    /// The requests that are meant; none for a deployment that is stopped or gone.
    pub routes: Vec<Route>,
    /// The instances that get them. Without one, the plane answers by itself.
    pub targets: Vec<Target>,
}

/// An instance that gets requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The instance.
    pub instance: InstanceKey,
    /// Addresses of its ports, from the runner's host.
    ///
    /// They may change with each start of the instance.
    pub ports: Vec<PublishedPort>,
}

/// A traffic plane that does nothing: apps are reached at their addresses.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTraffic;

impl Traffic for NoTraffic {
    fn ready<'a>(&'a self, _: &'a Routing) -> BoxFuture<'a, Result<(), RunnerError>> {
        Box::pin(ready(Ok(())))
    }

    fn switch<'a>(&'a self, _: &'a Routing) -> BoxFuture<'a, Result<(), RunnerError>> {
        Box::pin(ready(Ok(())))
    }

    fn drain<'a>(&'a self, _: &'a InstanceKey, _: Instant) -> BoxFuture<'a, ()> {
        Box::pin(ready(()))
    }
}

impl Routing {
    /// Returns the routing of a deployment that gets no requests.
    pub const fn nowhere(deployment_id: DeploymentId) -> Self {
        Self {
            deployment_id,
            release_id: None,
            routes: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// Returns the routing of a release to those of the instances that serve.
    pub(crate) fn to(
        deployment_id: DeploymentId,
        release: &WorkloadRelease,
        instances: &[PlatformInstance],
    ) -> Self {
        let serving = instances.iter().filter(|instance| serves(instance.state));
        let targets = serving.map(|instance| Target {
            instance: instance.key,
            ports: instance.ports.clone(),
        });
        let mut targets: Vec<Target> = targets.collect();
        // Platforms list in any order, and an equal routing should be recognized.
        targets.sort_by_key(|target| target.instance.instance_id);
        Self {
            deployment_id,
            release_id: Some(release.release_id),
            routes: release.routes.clone(),
            targets,
        }
    }

    /// True if an instance is one of the targets.
    pub fn has_target(&self, instance: &InstanceKey) -> bool {
        let mut targets = self.targets.iter();
        targets.any(|target| target.instance == *instance)
    }
}

/// True if an instance can answer requests.
///
/// An unhealthy one gets them too: it may be merely slow, and without it an app of one instance
/// would answer nothing. Paused and altered ones cannot.
pub(crate) const fn serves(state: PlatformState) -> bool {
    matches!(state, PlatformState::Running | PlatformState::Unhealthy)
}
