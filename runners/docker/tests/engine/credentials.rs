//! Credentials of pulls, with registries that check them.

use std::{
    io,
    sync::{Arc, Mutex},
};

use models::{
    deployment::{FailureCode, Fault, Port},
    runner::RegistryCredential,
    value::{ImageReference, RegistryHost, RegistryUserName, SecretText},
};
use runner_common::{
    InstanceKey, InstancePlatform, PullProgress, ReadyImage, RunnerError,
    conformance::{App, Harness, PORT, Subject, harness::release_id},
};
use tracing_subscriber::filter::LevelFilter;

use crate::{
    platform::Engine,
    pulling::{push, remove},
    registry::{Door, NosyRegistry, PULLER, Registry},
};

fn credential(host: impl ToString, password: &str) -> RegistryCredential {
    RegistryCredential {
        host: RegistryHost::new(host.to_string()).unwrap(),
        user_name: RegistryUserName::new(PULLER.name).unwrap(),
        password: SecretText::new(password),
    }
}

async fn pull(
    engine: &Engine,
    image: &ImageReference,
    credential: Option<&RegistryCredential>,
) -> Result<ReadyImage, RunnerError> {
    let (progress, _) = PullProgress::new();
    let runner = engine.runner().await;
    runner.pull(image, None, credential, &progress).await
}

/// Returns the reason of a refused pull, which the user must fix.
///
/// The pull is not retried.
async fn refusal(
    engine: &Engine,
    image: &ImageReference,
    credential: Option<&RegistryCredential>,
) -> String {
    let error = pull(engine, image, credential).await.unwrap_err();
    assert_eq!(
        (error.fault, error.code.clone()),
        (Fault::User, FailureCode::ImageAccessDenied),
        "{error} {:?}",
        error.source
    );
    error.to_string()
}

#[tokio::test]
async fn a_private_image_needs_the_right_credential() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::Locked).await;
    let host = registry.address();
    let image = push(&engine, &registry).await;

    let message = refusal(&engine, &image, None).await;
    let advice = format!("add a username and password for {host} under Registries");
    assert!(message.contains(&advice), "{message}");
    let wrong = credential(host, "canary wrong");
    let message = refusal(&engine, &image, Some(&wrong)).await;
    assert!(message.contains("saved under Registries"), "{message}");
    assert!(!message.contains("canary"), "{message}");
    let others = credential("127.0.0.1:1", PULLER.password);
    refusal(&engine, &image, Some(&others)).await;

    let right = credential(host, PULLER.password);
    pull(&engine, &image, Some(&right)).await.unwrap();
    // The engine kept nothing of it: the next pull without one is refused as before.
    remove(&engine, image.as_str()).await;
    refusal(&engine, &image, None).await;
}

#[tokio::test]
async fn a_private_image_is_pulled_over_tls_too() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let registry = Registry::start(Door::LockedTls).await;
    let image = push(&engine, &registry).await;
    let right = credential(registry.address(), PULLER.password);
    pull(&engine, &image, Some(&right)).await.unwrap();
    remove(&engine, image.as_str()).await;
    // Without it the engine retries without TLS, as it does only on loopback, and reports that.
    assert!(pull(&engine, &image, None).await.is_err());
}

#[tokio::test]
async fn a_credential_for_another_registry_is_never_shown() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let nosy = NosyRegistry::start();
    let image = ImageReference::new(format!("{}/app:1", nosy.address())).unwrap();
    for other in ["127.0.0.1", "127.0.0.1:1", "docker.io", "localhost:5000"] {
        let others = credential(other, PULLER.password);
        refusal(&engine, &image, Some(&others)).await;
    }
    let (requests, with_a_name) = nosy.heard();
    assert!(requests > 0, "nobody asked");
    assert_eq!(with_a_name, 0, "it was shown to another registry");

    let own = credential(nosy.address(), PULLER.password);
    refusal(&engine, &image, Some(&own)).await;
    assert!(nosy.heard().1 > 0, "its own registry was not shown it");
}

/// Captured log output.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_password_is_in_no_log_no_label_and_no_container() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let log = Log::default();
    let writer = log.clone();
    let _guard = tracing::subscriber::set_default(
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish(),
    );
    let registry = Registry::start(Door::Locked).await;
    let image = push(&engine, &registry).await;
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let mut app = harness.workload(App::Web, Some(PORT));
    let release = app.release.as_mut().unwrap();
    release.spec.image = image.clone();
    release.spec.ports = vec![Port::http(PORT)];
    release.registry_credential = Some(credential(registry.address(), PULLER.password));
    let (app, instance) = harness.deploy(&mut link, &app).await;

    let key = InstanceKey {
        runner_id: harness.server.runner_id,
        deployment_id: app.deployment_id,
        release_id: release_id(&app),
        instance_id: instance.instance_id,
        attempt: None,
    };
    let container = engine.container(&key).await;
    let container = engine
        .docker
        .inspect_container(&container, None)
        .await
        .unwrap();
    let pulled = engine.docker.inspect_image(image.as_str()).await.unwrap();
    let info = engine.docker.info().await.unwrap();
    harness.finish(link, &[&app]).await;
    remove(&engine, image.as_str()).await;

    let shown = [
        serde_json::to_string(&container).unwrap(),
        serde_json::to_string(&pulled).unwrap(),
        serde_json::to_string(&info).unwrap(),
        String::from_utf8(log.0.lock().unwrap().clone()).unwrap(),
    ];
    assert!(
        shown[3].contains("started an instance"),
        "nothing was logged"
    );
    for text in shown {
        assert!(!text.contains("canary"), "{text}");
    }
}
