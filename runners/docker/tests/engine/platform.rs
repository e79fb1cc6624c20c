//! The engine, as the suite's subject.

use std::sync::OnceLock;

use bollard::{
    API_DEFAULT_VERSION, Docker,
    query_parameters::{KillContainerOptions, ListContainersOptionsBuilder, RemoveVolumeOptions},
};
use models::{
    DeploymentId, VolumeId,
    runner::{AppReach, HostPolicy},
    value::{ImageReference, InternalRegistry},
};
use runner_common::{
    InstanceKey, OwnerKey,
    conformance::{Harness, Subject},
};
use runner_docker::{DEFAULT_SOCKET, DockerOptions, DockerRunner};

use crate::{registry::EmptyRegistry, test_image};

/// A Docker Engine that has the test app's image.
pub(crate) struct Engine {
    pub(crate) docker: Docker,
    missing: OnceLock<EmptyRegistry>,
}

impl Engine {
    /// Returns the engine; `None` when tests on it are not wanted.
    pub(crate) async fn if_wanted() -> Option<Self> {
        std::env::var_os("BERTH_TEST_DOCKER")?;
        let docker = Docker::connect_with_unix(DEFAULT_SOCKET, 120, API_DEFAULT_VERSION)
            .expect("BERTH_TEST_DOCKER is set, so a Docker Engine listens")
            .negotiate_version()
            .await
            .expect("BERTH_TEST_DOCKER is set, so a Docker Engine answers");
        test_image::make(&docker).await;
        Some(Self::of(docker))
    }

    /// Wraps an engine that has the image.
    pub(crate) const fn of(docker: Docker) -> Self {
        Self {
            docker,
            missing: OnceLock::new(),
        }
    }

    /// Returns the id of an instance's container.
    pub(crate) async fn container(&self, instance: &InstanceKey) -> String {
        let label = format!("dev.berth.instance={}", instance.instance_id);
        let filters = std::collections::HashMap::from([("label", vec![label])]);
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&filters)
            .build();
        let listed = self.docker.list_containers(Some(options)).await.unwrap();
        listed[0].id.clone().unwrap()
    }
}

/// Returns the options of every runner that is used without the loop.
///
/// They share one key, may contact registries on loopback, as tests have them, and set no
/// firewall rules, since other tests share the host.
pub(crate) fn options() -> DockerOptions {
    DockerOptions {
        key: Some(OwnerKey::from_secret(b"of the tests on an engine")),
        policy: HostPolicy {
            internal_registries: Some(vec![InternalRegistry::trusted("127.0.0.1:*")]),
            app_reach: AppReach {
                host: true,
                metadata: true,
                ..AppReach::default()
            },
            ..HostPolicy::default()
        },
        ..DockerOptions::default()
    }
}

impl Subject for Engine {
    type Runner = DockerRunner;

    async fn runner(&self) -> DockerRunner {
        DockerRunner::new(options())
    }

    fn image(&self) -> ImageReference {
        ImageReference::trusted(test_image::NAME)
    }

    fn missing_image(&self) -> ImageReference {
        let registry = self.missing.get_or_init(EmptyRegistry::start);
        ImageReference::trusted(format!("{}/missing:1", registry.address()))
    }

    async fn kill(&self, instance: &InstanceKey) {
        let container = self.container(instance).await;
        self.docker
            .kill_container(&container, None::<KillContainerOptions>)
            .await
            .unwrap();
    }

    async fn lose(&self, volume: VolumeId) {
        let name = format!("berth-{volume}");
        let removed = self
            .docker
            .remove_volume(&name, None::<RemoveVolumeOptions>);
        removed.await.unwrap();
    }

    async fn is_clean(&self, harness: &Harness<'_, Self>, deployment: DeploymentId) {
        harness
            .observed_on_platform("that nothing is left", deployment, <[_]>::is_empty)
            .await;
    }
}
