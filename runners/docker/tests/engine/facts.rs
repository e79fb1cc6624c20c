//! Facts of images, and settings that replace them.

use futures::TryStreamExt;
use models::{VolumeId, runner::RunnerSpec, value::Argument};
use runner_common::{
    Exec, ImageOrigin, InstancePlatform, LogStart, PullProgress, conformance::Subject,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    platform::Engine,
    shape::{self, Made, PLAIN, Shape, file, folder, link, spec},
};

const SHAPE: Shape = Shape {
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

/// Returns the output of a program in an instance.
async fn output(engine: &Engine, made: &Made, command: &[&str]) -> String {
    let exec = Exec {
        command: command.iter().copied().map(Argument::trusted).collect(),
        terminal: None,
    };
    let runner = engine.runner().await;
    let session = runner.exec(&made.key, exec).await.unwrap();
    let bytes = session.output.try_concat().await.unwrap();
    String::from_utf8(bytes).unwrap().trim().to_owned()
}

async fn signal(engine: &Engine, spec: &RunnerSpec) -> Option<String> {
    let made = shape::create(engine, spec).await.unwrap();
    let container = engine.container(&made.key).await;
    let found = engine.docker.inspect_container(&container, None).await;
    made.remove(engine).await;
    found.unwrap().config.unwrap().stop_signal
}

#[tokio::test]
async fn a_pull_tells_what_the_image_says() {
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

#[tokio::test]
async fn config_files_have_their_mode_their_owner_and_todays_date() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = PLAIN.make(&engine.docker).await;
    let files = json!([
        {"path": "/etc/berth/run.sh", "content": "#!/bin/sh\necho ran; sleep 1000000\n", "mode": "0755"},
        {"path": "/etc/berth/key", "content": "a", "mode": "0400", "owner": "app"},
        {"path": "/etc/berth/plain", "content": "b", "owner": "7:8"},
        {"path": "/text", "content": "over a file of the image"},
    ]);
    let files = json!({"config_files": files, "entrypoint": ["/etc/berth/run.sh"]});
    let made = shape::start(&engine, &spec(&image, files)).await.unwrap();
    let runner = engine.runner().await;
    let mut lines = Box::pin(runner.logs(&made.key, LogStart::BEGINNING));
    assert_eq!(lines.try_next().await.unwrap().unwrap().bytes, b"ran");
    for (path, expected) in [
        ("/etc/berth/run.sh", "755 0 0"),
        ("/etc/berth/key", "400 1000 1001"),
        ("/etc/berth/plain", "644 7 8"),
        ("/text", "644 0 0"),
    ] {
        let found = output(&engine, &made, &["/bin/stat", "-c", "%a %u %g", path]).await;
        assert_eq!(found, expected, "{path}");
    }
    let changed = output(&engine, &made, &["/bin/stat", "-c", "%Y", "/etc/berth/key"]).await;
    assert!(changed.parse::<u64>().unwrap() > 1_700_000_000, "{changed}");
    made.remove(&engine).await;
}

/// Returns mode and owner of a new volume's folder, once its app has written there.
async fn owner(engine: &Engine, more: serde_json::Value, path: &str) -> String {
    let image = SHAPE.make(&engine.docker).await;
    let mut spec = spec(&image, more);
    let volume = json!([{"volume_id": VolumeId::from_uuid(Uuid::now_v7()), "path": path}]);
    spec.volumes = serde_json::from_value(volume).unwrap();
    let made = shape::start(engine, &spec).await.unwrap();
    let owner = output(engine, &made, &["/bin/stat", "-c", "%a %u %g", path]).await;
    let written = format!("{path}/written");
    let said = output(engine, &made, &["/bin/touch", &written]).await;
    assert_eq!(said, "", "{path}");

    // A volume with data keeps its owner, whoever comes next.
    let runner = engine.runner().await;
    runner.remove(&made.key).await.unwrap();
    let again = Made {
        key: shape_key(&made),
        spec: RunnerSpec {
            user: Some(models::value::ContainerUser::new("4242").unwrap()),
            ..spec
        },
    };
    create_as(engine, &again).await;
    let kept = output(engine, &again, &["/bin/stat", "-c", "%a %u %g", path]).await;
    assert_eq!(kept, owner, "{path}");
    again.remove(engine).await;
    owner
}

/// Returns a key for another instance of the same runner.
fn shape_key(made: &Made) -> runner_common::InstanceKey {
    runner_common::InstanceKey {
        instance_id: crate::policy::new_key().instance_id,
        attempt: None,
        ..made.key
    }
}

async fn create_as(engine: &Engine, made: &Made) {
    let runner = engine.runner().await;
    let (progress, _) = PullProgress::new();
    let image = &made.spec.image;
    let ready = runner.pull(image, None, None, &progress).await.unwrap();
    let instance = runner_common::InstanceSpec {
        key: made.key,
        spec: made.spec.clone(),
        image_digest: ready.digest,
        expected_volumes: Vec::new(),
    };
    runner.create(&instance).await.unwrap();
    runner.start(&made.key).await.unwrap();
}

#[tokio::test]
async fn a_new_volume_belongs_to_the_user_that_the_app_runs_as() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    // The image lacks the first folder, and has the second one for its own user.
    assert_eq!(
        owner(&engine, json!({}), "/new/folder").await,
        "755 1000 1001"
    );
    assert_eq!(owner(&engine, json!({}), "/owned").await, "750 1000 1000");
    assert_eq!(
        owner(&engine, json!({"user": "7:8"}), "/new").await,
        "755 7 8"
    );
    assert_eq!(
        owner(&engine, json!({"user": "root"}), "/new").await,
        "755 0 0"
    );
}

/// An image with data in folders of root: a plain, a linked and a private one.
const SEEDED: Shape = Shape {
    tag: "shape-seeded-1",
    changes: &[
        r#"ENTRYPOINT ["/bin/sh", "-c"]"#,
        r#"CMD ["sleep 1000000"]"#,
        "USER app",
    ],
    entries: &[
        folder("seeded", 0o755, 0),
        file("seeded/seed", 0o640, "seed"),
        folder("real", 0o755, 0),
        folder("closed", 0o700, 0),
        link("linked", "/real"),
    ],
    ..PLAIN
};

#[tokio::test]
async fn a_new_volume_over_data_of_the_image_or_behind_a_link_belongs_to_the_user() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = SEEDED.make(&engine.docker).await;
    let volumes: Vec<_> = ["/seeded", "/linked"]
        .map(|path| json!({"volume_id": VolumeId::from_uuid(Uuid::now_v7()), "path": path}))
        .into();
    let spec = spec(&image, json!({"user": "7:8", "volumes": volumes}));
    let made = shape::start(&engine, &spec).await.unwrap();
    let mut seen = Vec::new();
    for path in ["/seeded", "/seeded/seed", "/linked/."] {
        seen.push(output(&engine, &made, &["/bin/stat", "-c", "%a %u %g", path]).await);
    }
    let written = output(&engine, &made, &["/bin/touch", "/linked/a", "/seeded/a"]).await;
    made.remove(&engine).await;
    // The image's own data stays as it is in the image.
    assert_eq!(seen, ["755 7 8", "640 0 0", "755 7 8"]);
    assert_eq!(written, "");
}

/// The case of `/var/run`, a link to `/run`.
///
/// See <https://github.com/moby/moby/issues/52653>.
#[tokio::test]
async fn volumes_and_files_below_a_link_of_the_image_are_usable() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = SEEDED.make(&engine.docker).await;
    let changes = json!({
        "user": "root",
        "volumes": [
            {"volume_id": VolumeId::from_uuid(Uuid::now_v7()), "path": "/linked/data"},
            {"volume_id": VolumeId::from_uuid(Uuid::now_v7()), "path": "/linked/new/data"},
        ],
        "config_files": [
            {"path": "/linked/config/a", "content": "a"},
            {"path": "/linked/b", "content": "b"},
        ],
    });
    let made = shape::start(&engine, &spec(&image, changes)).await.unwrap();
    let script = "cat /real/config/a /linked/b; \
                  for folder in data new/data; do \
                  touch /linked/$folder/c; grep -c \" /real/$folder \" /proc/mounts; done";
    let seen = output(&engine, &made, &["/bin/sh", "-c", script]).await;
    made.remove(&engine).await;
    assert_eq!(seen.split_whitespace().collect::<String>(), "ab11");
}

#[tokio::test]
async fn a_volume_that_its_app_emptied_stays_its_own() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = SEEDED.make(&engine.docker).await;
    let volume_id = VolumeId::from_uuid(Uuid::now_v7());
    let at = |path: &str| {
        let volumes = json!([{"volume_id": volume_id, "path": path}]);
        spec(&image, json!({"volumes": volumes}))
    };
    let made = shape::start(&engine, &at("/elsewhere")).await.unwrap();
    engine.runner().await.remove(&made.key).await.unwrap();
    for path in ["/closed", "/seeded"] {
        let again = Made {
            key: shape_key(&made),
            spec: at(path),
        };
        create_as(&engine, &again).await;
        let owner = output(&engine, &again, &["/bin/stat", "-c", "%u %g", path]).await;
        let kept = output(&engine, &again, &["/bin/ls", path]).await;
        engine.runner().await.remove(&again.key).await.unwrap();
        assert_eq!(owner, "1000 1001", "{path}");
        // An empty volume is filled like a new one.
        assert_eq!(kept, if path == "/seeded" { "seed" } else { "" });
    }
    made.remove(&engine).await;
}

#[tokio::test]
async fn folders_that_are_made_for_a_config_file_belong_to_its_owner() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = SEEDED.make(&engine.docker).await;
    let files = json!([
        {"path": "/seeded/config/tool/a", "content": "a", "owner": "app"},
        {"path": "/seeded/config/tool/b/c", "content": "b", "mode": "0600", "owner": "7:8"},
        {"path": "/etc/new/c", "content": "c"},
    ]);
    let made = shape::start(&engine, &spec(&image, json!({"config_files": files})))
        .await
        .unwrap();
    let mut seen = Vec::new();
    for path in [
        "/seeded",
        "/seeded/config",
        "/seeded/config/tool",
        "/seeded/config/tool/b",
        "/etc/new",
    ] {
        let owner = output(&engine, &made, &["/bin/stat", "-c", "%a %u %g", path]).await;
        seen.push((path, owner));
    }
    made.remove(&engine).await;
    let expected = [
        "755 0 0",
        "755 1000 1001",
        "755 1000 1001",
        "755 7 8",
        "755 0 0",
    ];
    for ((path, owner), expected) in seen.into_iter().zip(expected) {
        assert_eq!(owner, expected, "{path}");
    }
}

#[tokio::test]
async fn a_container_that_was_renamed_by_hand_is_found_all_the_same() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let image = PLAIN.make(&engine.docker).await;
    let made = shape::start(&engine, &spec(&image, json!({})))
        .await
        .unwrap();
    let container = engine.container(&made.key).await;
    let found = engine
        .docker
        .inspect_container(&container, None)
        .await
        .unwrap();
    let old_name = found.name.unwrap();
    let new_name = format!("renamed-{}", Uuid::now_v7());
    let options = bollard::query_parameters::RenameContainerOptionsBuilder::default()
        .name(&new_name)
        .build();
    engine
        .docker
        .rename_container(&container, options)
        .await
        .unwrap();
    // Somebody else's container has the name now.
    let other = shape::start(&engine, &spec(&image, json!({})))
        .await
        .unwrap();
    let other_container = engine.container(&other.key).await;
    let options = bollard::query_parameters::RenameContainerOptionsBuilder::default()
        .name(old_name.trim_start_matches('/'))
        .build();
    engine
        .docker
        .rename_container(&other_container, options)
        .await
        .unwrap();

    let runner = engine.runner().await;
    assert_eq!(
        output(&engine, &made, &["/bin/cat", "/text"]).await,
        "no program"
    );
    let stats = runner.stats(&[made.key]).await.unwrap();
    assert_eq!(stats.len(), 1, "it is not measured");
    runner.stop(&made.key).await.unwrap();
    let is_up = async |container: &str| {
        let found = engine
            .docker
            .inspect_container(container, None)
            .await
            .unwrap();
        found.state.unwrap().running.unwrap()
    };
    assert!(!is_up(&container).await, "it runs on");
    assert!(is_up(&other_container).await, "another one was stopped");
    runner.remove(&made.key).await.unwrap();
    assert!(
        engine
            .docker
            .inspect_container(&container, None)
            .await
            .is_err()
    );
    assert!(is_up(&other_container).await, "another one was removed");
    other.remove(&engine).await;
    // Nothing is left to do, which is no failure.
    runner.stop(&made.key).await.unwrap();
    runner.remove(&made.key).await.unwrap();
}
