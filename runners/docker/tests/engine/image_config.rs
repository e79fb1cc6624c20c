//! The configuration of images, and settings that replace it.

use futures::TryStreamExt;
use models::runner::RunnerSpec;
use runner_common::{ImageOrigin, InstancePlatform, LogStart, PullProgress, conformance::Subject};
use serde_json::json;

use crate::{
    platform::Engine,
    shape::{self, PLAIN, Shape, folder, spec},
};

/// An image that declares all that an image can.
pub(crate) const SHAPE: Shape = Shape {
    tag: "shape-facts-1",
    changes: &[
        r#"ENTRYPOINT ["/bin/sh", "-c"]"#,
        r#"CMD ["sleep 1000000"]"#,
        "USER app",
        "WORKDIR /srv",
        "VOLUME /data",
        "EXPOSE 8080/tcp",
        "HEALTHCHECK --interval=30s --retries=2 CMD /bin/true",
    ],
    entries: &[folder("owned", 0o750, 1000)],
    stop_signal: "SIGQUIT",
    ..PLAIN
};

async fn signal(engine: &Engine, spec: &RunnerSpec) -> Option<String> {
    let made = shape::create(engine, spec).await.unwrap();
    let container = engine.container(&made.key).await;
    let found = engine.docker.inspect_container(&container, None).await;
    made.remove(engine).await;
    found.unwrap().config.unwrap().stop_signal
}

#[tokio::test]
async fn a_pull_returns_the_facts_of_the_image() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = SHAPE.make(&engine.docker).await;
    let (progress, _) = PullProgress::new();
    let runner = engine.runner().await;
    let ready = runner.pull(&image, None, None, &progress).await.unwrap();
    assert!(matches!(
        ready.origin,
        ImageOrigin::LocalCopy {
            created_at: Some(_),
            ..
        }
    ));
    let facts = ready.description;
    assert_eq!(facts.entrypoint, ["/bin/sh", "-c"]);
    assert_eq!(facts.command, ["sleep 1000000"]);
    assert_eq!(facts.user.as_deref(), Some("app"));
    assert_eq!(facts.working_directory.as_deref(), Some("/srv"));
    assert_eq!(facts.stop_signal.as_deref(), Some("SIGQUIT"));
    assert_eq!(facts.volumes, ["/data"]);
    assert_eq!(facts.exposed_ports, ["8080/tcp"]);
    assert_eq!(facts.platform.os, "linux");
    let check = facts.health_check.unwrap();
    assert_eq!((check.interval_ms, check.retries), (30_000, 2));
    assert_eq!(check.test.last().map(String::as_str), Some("/bin/true"));
}

#[tokio::test]
async fn the_signal_that_asks_to_stop_is_the_images_unless_one_is_chosen() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = SHAPE.make(&engine.docker).await;
    let own = signal(&engine, &spec(&image, json!({}))).await;
    assert_eq!(own.as_deref(), Some("SIGQUIT"));
    for chosen in [
        "SIGINT",
        "SIGRTMIN",
        "SIGRTMIN+3",
        "SIGRTMIN+15",
        "SIGRTMAX-14",
    ] {
        let found = signal(&engine, &spec(&image, json!({"stop": {"signal": chosen}}))).await;
        assert_eq!(found.as_deref(), Some(chosen));
    }
}

#[tokio::test]
async fn an_app_ends_by_the_signal_of_its_image() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = SHAPE.make(&engine.docker).await;
    let app = "trap 'echo quit; exit 0' QUIT; trap 'echo term; exit 0' TERM; echo up; \
               while :; do sleep 0.1; done";
    let made = shape::start(&engine, &spec(&image, json!({"arguments": [app]})))
        .await
        .unwrap();
    let runner = engine.runner().await;
    let mut lines = Box::pin(runner.logs(&made.key, LogStart::BEGINNING));
    assert_eq!(lines.try_next().await.unwrap().unwrap().bytes, b"up");
    runner.stop(&made.key).await.unwrap();
    assert_eq!(lines.try_next().await.unwrap().unwrap().bytes, b"quit");
    made.remove(&engine).await;
}

#[tokio::test]
async fn arguments_go_to_the_images_entry_point_and_an_entry_point_replaces_both() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = SHAPE.make(&engine.docker).await;
    for (more, path, arguments) in [
        (json!({}), "/bin/sh", &["-c", "sleep 1000000"][..]),
        (
            json!({"arguments": ["sleep 5"]}),
            "/bin/sh",
            &["-c", "sleep 5"],
        ),
        (json!({"entrypoint": ["/bin/cat"]}), "/bin/cat", &[]),
        (
            json!({"entrypoint": ["/bin/sleep"], "arguments": ["7"]}),
            "/bin/sleep",
            &["7"],
        ),
    ] {
        let made = shape::create(&engine, &spec(&image, more)).await.unwrap();
        let container = engine.container(&made.key).await;
        let found = engine
            .docker
            .inspect_container(&container, None)
            .await
            .unwrap();
        made.remove(&engine).await;
        assert_eq!(found.path.as_deref(), Some(path));
        assert_eq!(found.args.unwrap(), arguments);
    }
}
