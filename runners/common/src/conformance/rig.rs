//! A server and a runner that belong together for one case.

use models::{
    DeploymentId, InstanceId, ReleaseId,
    deployment::{DesiredState, Instance, InstanceState, Spec},
    runner::{Workload, WorkloadObservation, WorkloadRelease},
    value::SecretText,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use uuid::Uuid;

use super::{App, Link, Server, Subject, quick_timings};
use crate::{AgentError, InstanceKey, Options, Timings, run, task};

/// A server and a runner that belong together.
pub struct Rig<'subject, S> {
    /// What is tested.
    pub subject: &'subject S,
    /// Its server.
    pub server: Server,
    timings: Timings,
    runner: Option<AbortOnDropHandle<Result<(), AgentError>>>,
}

impl<'subject, S: Subject> Rig<'subject, S> {
    /// Starts both.
    pub async fn start(subject: &'subject S) -> Self {
        Self::start_with(subject, quick_timings()).await
    }

    /// Starts both, the runner with timings of its own.
    pub async fn start_with(subject: &'subject S, timings: Timings) -> Self {
        let mut rig = Self {
            subject,
            server: Server::start().await,
            timings,
            runner: None,
        };
        rig.restart_runner().await;
        rig
    }

    /// Starts the runner, as its process is started again after it died.
    pub async fn restart_runner(&mut self) {
        self.runner = None;
        let options = Options {
            server_url: self.server.url().parse().expect("it is an address"),
            token: SecretText::new(self.server.token()),
            timings: self.timings.clone(),
        };
        let runner = self.subject.runner().await;
        let running = run(runner, options, CancellationToken::new());
        self.runner = Some(task::owned(running));
    }

    /// A first link, on which the server has nothing to run yet.
    pub async fn first_link(&mut self) -> Link {
        let (mut link, seen) = self.server.link().await;
        assert_eq!(seen, [], "a new runner has nothing");
        link.desire(&[]).await;
        link
    }

    /// The next link, with what the runner sees.
    pub async fn next_link(&mut self) -> (Link, Vec<WorkloadObservation>) {
        self.server.link().await
    }

    /// A deployment that does not exist yet.
    pub fn workload(&self, app: App, port: Option<u16>) -> Workload {
        let spec = app.spec(self.subject.image(), port);
        Workload {
            deployment_id: DeploymentId::from_uuid(Uuid::now_v7()),
            generation: 1,
            desired: DesiredState::Running,
            release: Some(release(spec)),
        }
    }

    /// Deploys it and waits until it is live; returns it as the server then keeps it.
    pub async fn deploy(&self, link: &mut Link, workload: &Workload) -> (Workload, Instance) {
        link.change(workload).await;
        let id = release_id(workload);
        link.live(id).await;
        let workload = now_live(workload);
        link.change(&workload).await;
        let instance = self.runs(link, &workload).await;
        (workload, instance)
    }

    /// Waits until exactly one instance runs, and that of the workload's release.
    pub async fn runs(&self, link: &mut Link, workload: &Workload) -> Instance {
        let id = release_id(workload);
        let is = |seen: &[Instance]| matches!(seen, [only] if only.release_id == id && only.state == InstanceState::Running);
        let mut seen = link
            .observed("one running instance", workload.deployment_id, is)
            .await;
        seen.remove(0)
    }

    /// Ends an instance behind the runner's back.
    pub async fn kill(&self, workload: &Workload, instance: InstanceId) {
        let key = InstanceKey {
            runner_id: self.server.runner_id,
            deployment_id: workload.deployment_id,
            release_id: release_id(workload),
            instance_id: instance,
        };
        self.subject.kill(&key).await;
    }

    /// Takes everything down that the case made.
    pub async fn finish(self, mut link: Link, workloads: &[&Workload]) {
        link.desire(&[]).await;
        for workload in workloads {
            link.observed("its end", workload.deployment_id, <[_]>::is_empty)
                .await;
        }
    }
}

/// A first attempt at running this.
pub fn release(spec: Spec) -> WorkloadRelease {
    WorkloadRelease {
        release_id: ReleaseId::from_uuid(Uuid::now_v7()),
        live: false,
        spec,
        image_digest: None,
        registry_credential: None,
    }
}

/// The release of a workload that has one.
pub fn release_id(workload: &Workload) -> ReleaseId {
    let release = workload.release.as_ref().expect("it has a release");
    release.release_id
}

/// The workload as the server keeps it once its release is live.
pub fn now_live(workload: &Workload) -> Workload {
    let mut workload = workload.clone();
    if let Some(release) = &mut workload.release {
        release.live = true;
    }
    workload
}

/// The workload as it is after a person asked for something else.
pub fn next(workload: &Workload, change: impl FnOnce(&mut Workload)) -> Workload {
    let mut workload = workload.clone();
    workload.generation += 1;
    change(&mut workload);
    workload
}

/// Whether an instance answers HTTP where it says that it does.
pub async fn answers(instance: &Instance) -> bool {
    let url = instance.url().expect("it has a URL");
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
