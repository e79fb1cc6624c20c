//! A traffic plane that records what it is asked for, and fails on demand.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex},
};

use futures::future::BoxFuture;
use models::{DeploymentId, runner::RunnerInfo};
use tokio::{
    sync::watch,
    time::{Instant, timeout},
};

use super::PATIENCE;
use crate::{
    context::AgentContext,
    owner::Owner,
    platform::{Capabilities, InstanceKey, Platform, RunnerError},
    sync::lock,
    traffic::{Routing, Traffic},
};

/// One call of the traffic plane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It was asked for its readiness.
    Ready(Routing),
    /// A routing was set.
    Switch(Routing),
    /// The requests of an instance were waited for.
    Drain(InstanceKey),
}

/// Chooses routings.
type Choice = Arc<dyn Fn(&Routing) -> bool + Send + Sync>;

/// Active faults of the traffic plane. None, by default.
#[derive(Default)]
pub struct TrafficFaults {
    /// The answer to [`Traffic::ready`], if it is an error.
    pub ready: Option<RunnerError>,
    /// The answer to [`Traffic::switch`], if it is an error.
    ///
    /// The routing changes nevertheless: the worst that a plane may do.
    pub switch: Option<RunnerError>,
    /// The switches that do not end, and have no effect until they do.
    pub hanging_switches: Option<Choice>,
    /// True if the requests under way never end.
    pub drain_hangs: bool,
}

/// A traffic plane for tests. Clones are the same plane.
#[derive(Clone, Debug, Default)]
pub struct RecordingTraffic {
    state: Arc<Mutex<State>>,
    changes: watch::Sender<()>,
    /// Number of the runner's process that has this handle.
    process: u64,
}

#[derive(Default)]
struct State {
    faults: TrafficFaults,
    moments: Vec<Moment>,
    routings: BTreeMap<DeploymentId, Routing>,
    /// Number of the newest process.
    process: u64,
}

impl TrafficFaults {
    /// Lets the switches to some routings hang.
    pub fn hang_switches(&mut self, which: impl Fn(&Routing) -> bool + Send + Sync + 'static) {
        self.hanging_switches = Some(Arc::new(which));
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("moments", &self.moments)
            .field("routings", &self.routings)
            .finish_non_exhaustive()
    }
}

impl RecordingTraffic {
    /// Changes the active faults; calls that wait look at them again.
    pub fn break_it(&self, change: impl FnOnce(&mut TrafficFaults)) {
        self.change(|state| change(&mut state.faults));
    }

    /// Returns the plane for a new process of the runner, which knows no routing yet.
    ///
    /// Calls of the process before have no effect any more.
    pub(super) fn restart(&self) -> Self {
        let process = self.change(|state| {
            state.routings.clear();
            state.process += 1;
            state.process
        });
        Self {
            process,
            ..self.clone()
        }
    }

    /// Returns all calls so far, and forgets them.
    pub fn take_moments(&self) -> Vec<Moment> {
        self.change(|state| std::mem::take(&mut state.moments))
    }

    /// Returns the current targets of a deployment, in order of their ids.
    pub fn targets(&self, deployment: DeploymentId) -> Vec<InstanceKey> {
        let state = lock(&self.state);
        let routing = state.routings.get(&deployment);
        let targets = routing.map_or(&[][..], |routing| &routing.targets);
        targets.iter().map(|target| target.instance).collect()
    }

    /// Waits until the current routing of a deployment matches.
    pub async fn routed(
        &self,
        what: &str,
        deployment: DeploymentId,
        is: impl Fn(&Routing) -> bool,
    ) -> Routing {
        let find = |state: &State| {
            let routing = state.routings.get(&deployment);
            routing.filter(|routing| is(routing)).cloned()
        };
        self.until(what, find).await
    }

    /// Waits for a call, from the last [`Self::take_moments`] on.
    pub async fn called(&self, what: &str, is: impl Fn(&Moment) -> bool) {
        let find = |state: &State| state.moments.iter().any(&is).then_some(());
        self.until(what, find).await;
    }

    /// Records a call, unless it is one of an older process.
    async fn record<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.wait_for(|state| (state.process == self.process).then_some(()))
            .await;
        self.change(change)
    }

    async fn until<T>(&self, what: &str, find: impl Fn(&State) -> Option<T>) -> T {
        let found = timeout(PATIENCE, self.wait_for(find)).await;
        found.unwrap_or_else(|_| panic!("never saw {what}, but {:?}", lock(&self.state)))
    }

    async fn wait_for<T>(&self, find: impl Fn(&State) -> Option<T>) -> T {
        let mut changes = self.changes.subscribe();
        loop {
            changes.mark_unchanged();
            if let Some(found) = find(&lock(&self.state)) {
                return found;
            }
            // The sender is here, so the channel never closes.
            changes.changed().await.ok();
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut lock(&self.state));
        self.changes.send_replace(());
        result
    }
}

impl Traffic for RecordingTraffic {
    fn ready<'a>(&'a self, routing: &'a Routing) -> BoxFuture<'a, Result<(), RunnerError>> {
        Box::pin(async {
            self.record(|state| {
                state.moments.push(Moment::Ready(routing.clone()));
                state.faults.ready.clone().map_or(Ok(()), Err)
            })
            .await
        })
    }

    fn switch<'a>(&'a self, routing: &'a Routing) -> BoxFuture<'a, Result<(), RunnerError>> {
        Box::pin(async {
            self.record(|state| state.moments.push(Moment::Switch(routing.clone())))
                .await;
            let ends = |state: &State| {
                let hanging = state.faults.hanging_switches.as_ref();
                !hanging.is_some_and(|hangs| hangs(routing))
            };
            self.wait_for(|state| ends(state).then_some(())).await;
            self.record(|state| {
                let id = routing.deployment_id;
                state.routings.insert(id, routing.clone());
                state.faults.switch.clone().map_or(Ok(()), Err)
            })
            .await
        })
    }

    fn drain<'a>(&'a self, instance: &'a InstanceKey, _: Instant) -> BoxFuture<'a, ()> {
        Box::pin(async {
            self.record(|state| state.moments.push(Moment::Drain(*instance)))
                .await;
            self.wait_for(|state| (!state.faults.drain_hangs).then_some(()))
                .await;
        })
    }
}

/// A platform with another traffic plane.
#[derive(Debug)]
pub(super) struct WithTraffic<P> {
    pub(super) platform: Arc<P>,
    pub(super) traffic: RecordingTraffic,
}

impl<P: Platform> Platform for WithTraffic<P> {
    type Reconciler = P::Reconciler;

    fn capabilities(&self) -> Capabilities {
        self.platform.capabilities()
    }

    fn fingerprint(&self) -> impl Future<Output = Result<RunnerInfo, RunnerError>> + Send {
        self.platform.fingerprint()
    }

    fn set_owner(&self, owner: Owner) {
        self.platform.set_owner(owner);
    }

    fn traffic(&self) -> Arc<dyn Traffic> {
        Arc::new(self.traffic.clone())
    }

    fn reconciler(self: Arc<Self>, context: Arc<AgentContext>) -> P::Reconciler {
        Arc::clone(&self.platform).reconciler(context)
    }
}
