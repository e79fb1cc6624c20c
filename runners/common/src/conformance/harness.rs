//! The harness of one case: a server and a runner that belong together.

use std::{path::PathBuf, sync::Arc, time::Duration};

use models::{
    DeploymentId, InstanceId, ReleaseId,
    deployment::{DesiredState, Instance, InstanceState, PublishedPort},
    runner::{HostPolicy, RunnerSpec, Workload, WorkloadObservation, WorkloadRelease},
    value::SecretText,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

use super::{
    App, InstanceSubject, Link, PATIENCE, RecordingTraffic, Server, Subject, clock::SkewedHost,
    quick_timings, traffic::WithTraffic,
};
use crate::{
    AgentError, InstanceKey, InstancePlatform, Options, PlatformInstance, StateFolder, StateKey,
    SystemHost, Timings, identity::Identity, run_on, state::StateStore, task,
};

/// Interval between checks of the platform.
const POLL: Duration = Duration::from_millis(20);

/// A server and a runner that belong together.
pub struct Harness<'subject, S> {
    /// The subject under test.
    pub subject: &'subject S,
    /// Its server.
    pub server: Server,
    /// The host policy, from the runner's next start on.
    pub policy: HostPolicy,
    /// The runner's traffic plane.
    pub traffic: RecordingTraffic,
    timings: Timings,
    host: Arc<SkewedHost>,
    state: Option<TempDir>,
    runner: Option<(CancellationToken, AbortOnDropHandle<Result<(), AgentError>>)>,
}

impl<'subject, S: Subject> Harness<'subject, S> {
    /// Starts both.
    pub async fn start(subject: &'subject S) -> Self {
        Self::start_with(subject, quick_timings()).await
    }

    /// Starts both, the runner with timings of its own.
    pub async fn start_with(subject: &'subject S, timings: Timings) -> Self {
        Self::start_in(subject, timings, None).await
    }

    /// Starts both; the runner saves its desired state on the host.
    pub async fn start_with_state(subject: &'subject S) -> Self {
        let folder = TempDir::new().expect("there is room for a folder");
        Self::start_in(subject, quick_timings(), Some(folder)).await
    }

    async fn start_in(subject: &'subject S, timings: Timings, state: Option<TempDir>) -> Self {
        let mut harness = Self {
            subject,
            server: Server::start().await,
            // Without this, retired volumes would stay on the platform for days.
            policy: HostPolicy {
                keep_removed_days: Some(0),
                ..HostPolicy::default()
            },
            traffic: RecordingTraffic::default(),
            timings,
            host: Arc::default(),
            state,
            runner: None,
        };
        harness.restart_runner().await;
        harness
    }

    /// Returns the folder of the runner's saved desired state.
    pub fn state_folder(&self) -> PathBuf {
        let folder = self.state.as_ref().expect("this runner keeps something");
        folder.path().join("of-the-runner")
    }

    /// Sets the clock of the runner's host this far ahead of the real one, or back.
    pub fn set_clock(&self, skew_ms: i64) {
        self.host.set_skew(skew_ms);
    }

    /// Starts the runner, as after a crash of its process.
    pub async fn restart_runner(&mut self) {
        self.run_at(self.server.url()).await;
    }

    /// Starts the runner while its server is away.
    pub async fn start_runner_alone(&mut self) {
        // Nothing listens on the discard port.
        self.run_at("http://127.0.0.1:9".to_owned()).await;
    }

    /// Stops the runner and waits until it has.
    pub async fn stop_runner(&mut self) {
        if let Some((shutdown, running)) = self.runner.take() {
            shutdown.cancel();
            let ended = running.await.expect("it does not break");
            assert_eq!(ended, Ok(()));
        }
    }

    fn state(&self) -> Option<StateFolder> {
        self.state.as_ref().map(|_| StateFolder {
            path: self.state_folder(),
            key: StateKey::from_token(&SecretText::new(self.server.token())),
        })
    }

    async fn run_at(&mut self, url: String) {
        self.runner = None;
        let state = self.state();
        let options = Options {
            server_url: url.parse().expect("it is an address"),
            token: SecretText::new(self.server.token()),
            timings: self.timings.clone(),
            state,
            policy: self.policy.clone(),
        };
        let platform = WithTraffic {
            platform: Arc::new(self.subject.runner().await),
            traffic: self.traffic.restart(),
        };
        let shutdown = CancellationToken::new();
        let host = Arc::clone(&self.host);
        let running = run_on(host, platform, options, shutdown.clone());
        self.runner = Some((shutdown, task::spawn_owned(running)));
    }

    /// Accepts a first link, on which the server has nothing to run yet.
    pub async fn first_link(&mut self) -> Link {
        let (mut link, seen) = self.server.link().await;
        assert_eq!(seen, [], "a new runner has nothing");
        link.set_desired(&[]).await;
        link
    }

    /// Accepts the next link, with the runner's observations.
    pub async fn next_link(&mut self) -> (Link, Vec<WorkloadObservation>) {
        self.server.link().await
    }

    /// Returns a workload of a new deployment.
    pub fn workload(&self, app: App, port: Option<u16>) -> Workload {
        let spec = app.spec(self.subject.image(), port);
        Workload {
            deployment_id: DeploymentId::from_uuid(Uuid::now_v7()),
            generation: 1,
            desired: DesiredState::Running,
            release: Some(release(spec)),
            watched_tag: None,
            network: None,
            run: None,
        }
    }

    /// Deploys a workload until it is live; returns it as the server then stores it.
    pub async fn deploy(&self, link: &mut Link, workload: &Workload) -> (Workload, Instance) {
        link.change(workload).await;
        let id = release_id(workload);
        link.live(id).await;
        let workload = now_live(workload);
        link.change(&workload).await;
        let instance = self.runs(link, &workload).await;
        (workload, instance)
    }

    /// Waits until exactly one instance runs, and belongs to the workload's release.
    pub async fn runs(&self, link: &mut Link, workload: &Workload) -> Instance {
        let id = release_id(workload);
        let is = |seen: &[Instance]| matches!(seen, [only] if only.release_id == id && only.state == InstanceState::Running);
        let mut seen = link
            .observed("one running instance", workload.deployment_id, is)
            .await;
        seen.remove(0)
    }

    /// Kills an instance behind the runner's back.
    pub async fn kill(&self, workload: &Workload, instance: InstanceId) {
        self.subject.kill(&self.key(workload, instance)).await;
    }

    /// Returns the key of an instance of the workload's release.
    pub fn key(&self, workload: &Workload, instance: InstanceId) -> InstanceKey {
        InstanceKey {
            runner_id: self.server.runner_id,
            deployment_id: workload.deployment_id,
            release_id: release_id(workload),
            instance_id: instance,
            attempt: None,
        }
    }

    /// Deletes everything that the case created.
    pub async fn finish(self, mut link: Link, workloads: &[&Workload]) {
        link.set_desired(&[]).await;
        for workload in workloads {
            link.observed("its end", workload.deployment_id, <[_]>::is_empty)
                .await;
            assert_eq!(self.traffic.targets(workload.deployment_id), []);
            // Boxed, so that the futures of all cases stay small.
            Box::pin(self.subject.is_clean(&self, workload.deployment_id)).await;
        }
    }
}

impl<S: InstanceSubject> Harness<'_, S> {
    /// Returns a second runner, with the ownership marks of the tested one, to observe.
    pub async fn observer(&self) -> S::Runner {
        let store = self.state();
        let store = store.map(|folder| StateStore::new(folder, Arc::new(SystemHost)));
        let token = SecretText::new(self.server.token());
        let identity = Identity::open(store.as_ref(), &token, &SystemHost).await;
        let runner = self.subject.runner().await;
        runner.set_owner(identity.expect("it has an identity").owner());
        runner
    }

    /// Waits until a deployment's instances match on the platform itself.
    ///
    /// Works with or without a link of the runner.
    pub async fn observed_on_platform(
        &self,
        what: &str,
        deployment: DeploymentId,
        is: impl Fn(&[PlatformInstance]) -> bool,
    ) -> Vec<PlatformInstance> {
        let platform = self.observer().await;
        let mut seen = Vec::new();
        let polling = async {
            loop {
                if let Ok(all) = platform.instances(self.server.runner_id).await {
                    let mine = all.into_iter();
                    seen = mine
                        .filter(|instance| instance.key.deployment_id == deployment)
                        .collect();
                }
                if is(&seen) {
                    return;
                }
                sleep(POLL).await;
            }
        };
        let is_observed = timeout(PATIENCE, polling).await.is_ok();
        assert!(is_observed, "never saw {what}, but {seen:?}");
        seen
    }
}

/// Returns a first release of a specification.
pub fn release(spec: RunnerSpec) -> WorkloadRelease {
    WorkloadRelease {
        release_id: ReleaseId::from_uuid(Uuid::now_v7()),
        live: false,
        spec,
        instances: None,
        image_digest: None,
        expected_volumes: Vec::new(),
        registry_credential: None,
        routes: Vec::new(),
    }
}

/// Returns the release of a workload that has one.
pub fn release_id(workload: &Workload) -> ReleaseId {
    let release = workload.release.as_ref().expect("it has a release");
    release.release_id
}

/// Returns the workload as the server stores it once its release is live.
pub fn now_live(workload: &Workload) -> Workload {
    let mut workload = workload.clone();
    if let Some(release) = &mut workload.release {
        release.live = true;
        release.expect_all();
    }
    workload
}

/// Returns the workload after a person's change.
pub fn next(workload: &Workload, change: impl FnOnce(&mut Workload)) -> Workload {
    let mut workload = workload.clone();
    workload.generation += 1;
    change(&mut workload);
    workload
}

/// True if an instance answers HTTP at its published address.
pub async fn answers(instance: &Instance) -> bool {
    answers_at(&instance.ports).await
}

/// Waits until HTTP is answered at one of these ports.
///
/// An instance that runs may still be about to listen: only a new release is verified.
pub async fn answers_soon(ports: &[PublishedPort]) {
    let waiting = async {
        while !answers_at(ports).await {
            sleep(POLL).await;
        }
    };
    let answered = timeout(PATIENCE, waiting).await;
    answered.expect("the instance answers HTTP");
}

/// True if HTTP is answered at one of these ports.
pub async fn answers_at(ports: &[PublishedPort]) -> bool {
    let url = PublishedPort::url(ports).expect("it has a URL");
    let host = url.strip_prefix("http://").expect("it is an HTTP URL");
    let Ok(mut stream) = TcpStream::connect(host).await else {
        return false;
    };
    let mut answer = String::new();
    let request = b"GET / HTTP/1.0\r\n\r\n";
    stream.write_all(request).await.is_ok()
        && stream.read_to_string(&mut answer).await.is_ok()
        && answer.starts_with("HTTP/1.")
        && answer.contains(" 200 ")
}
