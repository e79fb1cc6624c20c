//! Private networks of environments, with real packets.

use std::{net::Ipv4Addr, time::Duration};

use bollard::query_parameters::InspectContainerOptions;
use futures::TryStreamExt;
use models::{
    EnvironmentId, RunnerId,
    runner::HostPolicy,
    value::{Argument, NetworkPool, ResourceName},
};
use runner_common::{
    AttemptKey, Exec, InstanceKey, InstanceNetwork, InstancePlatform, InstanceSpec, OwnerKey,
    PlatformState, PullProgress, RunnerError,
    conformance::{App, PATIENCE, PORT, Subject},
};
use runner_docker::{DockerOptions, DockerRunner};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::{
    platform::{Engine, options},
    policy::new_key,
};

/// A runner with its id, without the loop.
pub(crate) struct TestRunner {
    pub(crate) runner: DockerRunner,
    pub(crate) id: RunnerId,
}

impl TestRunner {
    /// Creates a runner of the tests' key.
    pub(crate) fn new(options: DockerOptions) -> Self {
        Self {
            runner: DockerRunner::new(options),
            id: RunnerId::from_uuid(Uuid::now_v7()),
        }
    }

    /// Creates a runner whose networks have these addresses, which are a test's own.
    ///
    /// Its id is always the same, and so it removes what a run that broke off left.
    pub(crate) async fn with_pool(pool: &str) -> Self {
        let options = DockerOptions {
            policy: HostPolicy {
                network_pool: Some(NetworkPool::new(pool).unwrap()),
                ..options().policy
            },
            ..options()
        };
        let id = {
            let mut bytes = [0; 16];
            bytes[..pool.len()].copy_from_slice(pool.as_bytes());
            Uuid::from_bytes(bytes)
        };
        let runner = Self {
            runner: DockerRunner::new(options),
            id: RunnerId::from_uuid(id),
        };
        let left = runner.runner.instances(runner.id).await.unwrap();
        let left: Vec<_> = left.iter().map(|instance| instance.key).collect();
        runner.remove(&left).await;
        runner
    }

    /// Creates an app on a network; does not start it.
    pub(crate) async fn create(
        &self,
        engine: &Engine,
        network: impl Into<Option<InstanceNetwork>>,
    ) -> Result<InstanceKey, RunnerError> {
        self.create_as(engine, self.key(), network).await
    }

    fn key(&self) -> InstanceKey {
        InstanceKey {
            runner_id: self.id,
            ..new_key()
        }
    }

    async fn create_as(
        &self,
        engine: &Engine,
        key: InstanceKey,
        network: impl Into<Option<InstanceNetwork>>,
    ) -> Result<InstanceKey, RunnerError> {
        let spec = App::Web.spec(engine.image(), None);
        let (progress, _) = PullProgress::new();
        let pulled = self.runner.pull(&spec.image, None, None, &progress).await?;
        let instance = InstanceSpec {
            key,
            spec,
            image_digest: pulled.digest,
            expected_volumes: Vec::new(),
            network: network.into(),
        };
        self.runner.create(&instance).await.map(|()| key)
    }

    /// Starts an app on a network, and waits until it answers.
    pub(crate) async fn app(
        &self,
        engine: &Engine,
        network: impl Into<Option<InstanceNetwork>>,
    ) -> InstanceKey {
        let key = self.create(engine, network).await.unwrap();
        self.start(&key).await;
        key
    }

    /// Starts an app, and waits until it answers.
    pub(crate) async fn start(&self, app: &InstanceKey) {
        self.runner.start(app).await.unwrap();
        let answers = async {
            while !self.gets(app, Ipv4Addr::LOCALHOST).await {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, answers).await.expect("it answers");
    }

    /// Runs a line in an app's shell; returns its output.
    pub(crate) async fn shell(&self, app: &InstanceKey, line: &str) -> String {
        let command = ["/bin/busybox", "sh", "-c", line].map(Argument::trusted);
        let exec = Exec {
            command: command.into(),
            terminal: None,
        };
        let session = self.runner.exec(app, exec).await.unwrap();
        let printed = session.output.try_concat().await.unwrap();
        String::from_utf8_lossy(&printed).into_owned()
    }

    /// True if an app gets the page of the one at this address.
    pub(crate) async fn gets(&self, app: &InstanceKey, address: Ipv4Addr) -> bool {
        let ask =
            format!("printf 'GET / HTTP/1.0\\r\\n\\r\\n' | /bin/busybox nc -w 2 {address} {PORT}");
        self.shell(app, &ask).await.contains(" 200 OK")
    }

    /// Returns the addresses that an app gets for a name, from its own nameserver.
    pub(crate) async fn resolve(&self, app: &InstanceKey, name: &str) -> Vec<Ipv4Addr> {
        let answer = self.lookup(app, name).await;
        let lines = answer.lines().skip_while(|line| !line.starts_with("Name:"));
        // For example "Address 1: 10.201.0.2", or "Address: 10.201.0.2".
        let named = lines.filter_map(|line| line.strip_prefix("Address")?.split_once(": "));
        named
            .filter_map(|(_, found)| found.split_whitespace().next()?.parse().ok())
            .collect()
    }

    /// True if an app gets the page of the one with this name.
    ///
    /// The image's static busybox resolves names in `nslookup` only.
    pub(crate) async fn finds(&self, app: &InstanceKey, name: &str) -> bool {
        match self.resolve(app, name).await[..] {
            [] => false,
            [address] => self.gets(app, address).await,
            ref several => panic!("{name} is {several:?}"),
        }
    }

    /// Returns the answer of an app's own nameserver about a name or an address.
    async fn lookup(&self, app: &InstanceKey, name: &str) -> String {
        let ask = format!("/bin/busybox nslookup {name} 127.0.0.11");
        self.shell(app, &ask).await
    }

    pub(crate) async fn state(&self, app: &InstanceKey) -> PlatformState {
        let listed = self.runner.instances(self.id).await.unwrap();
        let found = listed.into_iter().find(|instance| instance.key == *app);
        found.unwrap().state
    }

    pub(crate) async fn remove(&self, apps: &[InstanceKey]) {
        for app in apps {
            self.runner.remove(app).await.unwrap();
        }
        self.runner
            .prune_networks(self.id, &[].into())
            .await
            .unwrap();
    }
}

pub(crate) fn environment(number: u128) -> EnvironmentId {
    EnvironmentId::from_uuid(Uuid::from_u128(number))
}

/// The place of a deployment of this name.
pub(crate) fn named(environment_id: EnvironmentId, name: &str) -> InstanceNetwork {
    InstanceNetwork {
        environment_id,
        host_name: Some(ResourceName::new(name).unwrap()),
    }
}

/// Returns the id of the only network of an app, and its address there.
pub(crate) async fn joined(engine: &Engine, app: &InstanceKey) -> (String, Ipv4Addr) {
    let container = engine.container(app).await;
    let found = engine
        .docker
        .inspect_container(&container, None::<InspectContainerOptions>)
        .await
        .unwrap();
    let networks = found.network_settings.unwrap().networks.unwrap();
    assert_eq!(networks.len(), 1, "{networks:?}");
    let endpoint = networks.into_values().next().unwrap();
    let address = endpoint.ip_address.unwrap_or_default();
    let address = address.parse().unwrap_or(Ipv4Addr::UNSPECIFIED);
    (endpoint.network_id.unwrap_or_default(), address)
}

#[tokio::test]
async fn apps_of_an_environment_find_each_other_by_name_and_nobody_else_finds_them() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::new(options());
    let (own, other) = (environment(1), environment(2));
    let api = runner.app(&engine, named(own, "api")).await;
    let web = runner.app(&engine, named(own, "web")).await;
    let stranger = runner.app(&engine, named(other, "web")).await;
    let unnamed = runner.app(&engine, None).await;

    assert!(runner.finds(&web, "api").await);
    assert!(runner.finds(&api, "web").await);

    let (_, address) = joined(&engine, &api).await;
    for app in [&stranger, &unnamed] {
        assert!(runner.gets(app, Ipv4Addr::LOCALHOST).await, "it answers");
        assert!(!runner.gets(app, address).await);
        assert!(runner.resolve(app, "api").await.is_empty());
        let (_, its_own) = joined(&engine, app).await;
        assert!(!runner.gets(&api, its_own).await);
    }
    // The other environment's `web` is its own.
    let (_, address) = joined(&engine, &web).await;
    assert_eq!(runner.resolve(&api, "web").await, [address]);

    runner.remove(&[api, web, stranger, unnamed]).await;
}

#[tokio::test]
async fn a_reverse_lookup_reveals_neither_a_deployment_nor_an_environment() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::new(options());
    let own = EnvironmentId::from_uuid(Uuid::now_v7());
    let api = runner.app(&engine, named(own, "secret-plans")).await;
    let web = runner.app(&engine, named(own, "web")).await;

    let (_, address) = joined(&engine, &api).await;
    let answer = runner.lookup(&web, &address.to_string()).await;
    assert!(answer.contains("name = berth-"), "{answer}");
    let ids = [own.to_string(), api.deployment_id.to_string()];
    let ids = ids.iter().map(|id| id.rsplit('-').next().unwrap());
    for told in ids.chain(["secret-plans"]) {
        assert!(!answer.contains(told), "{answer}");
    }
    runner.remove(&[api, web]).await;
}

#[tokio::test]
async fn a_run_reaches_its_environment_and_has_no_name_there() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::new(options());
    let own = environment(1);
    let api = runner.app(&engine, named(own, "api")).await;
    let key = InstanceKey {
        attempt: Some(AttemptKey {
            run_id: Uuid::now_v7().into(),
            number: 1,
        }),
        ..runner.key()
    };
    let nameless = InstanceNetwork {
        environment_id: own,
        host_name: None,
    };
    let task = runner
        .create_as(&engine, key, Some(nameless))
        .await
        .unwrap();
    runner.runner.start(&task).await.unwrap();

    assert!(runner.finds(&task, "api").await);
    let found = engine.container(&task).await;
    let found = engine.docker.inspect_container(&found, None).await.unwrap();
    let networks = found.network_settings.unwrap().networks.unwrap();
    let aliases = networks.into_values().next().unwrap().aliases;
    // The engine adds the beginning of the container's id.
    let own_id = |alias: &String| found.id.as_ref().unwrap().starts_with(alias);
    assert!(aliases.iter().flatten().all(own_id), "{aliases:?}");
    runner.remove(&[api, task]).await;
}

#[tokio::test]
async fn runners_with_the_same_ids_do_not_share_a_network() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = TestRunner::new(options());
    // A hostile server gives its own runner the other's id, and names the other's environment.
    let hostile = TestRunner {
        runner: DockerRunner::new(DockerOptions {
            key: Some(OwnerKey::from_secret(b"of another runner")),
            ..options()
        }),
        id: runner.id,
    };
    let own = environment(1);
    let api = runner.app(&engine, named(own, "api")).await;
    let thief = hostile.app(&engine, named(own, "api")).await;

    let (network, address) = joined(&engine, &api).await;
    assert_ne!(network, joined(&engine, &thief).await.0);
    assert!(!hostile.gets(&thief, address).await);
    // Neither removes the other's network, with or without containers.
    hostile.remove(&[thief]).await;
    runner.runner.stop(&api).await.unwrap();
    hostile.remove(&[]).await;
    runner.runner.start(&api).await.unwrap();
    assert_eq!(joined(&engine, &api).await.0, network);
    runner.remove(&[api]).await;
}
