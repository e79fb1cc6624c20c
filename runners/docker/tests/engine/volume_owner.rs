//! Owners of volumes, whatever the image has at their paths.

use models::{VolumeId, runner::RunnerSpec, value::ContainerUser};
use runner_common::{
    InstanceKey, InstancePlatform, InstanceSpec, PullProgress, conformance::Subject,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    image_config::SHAPE,
    platform::Engine,
    policy::new_key,
    shape::{self, Made, PLAIN, Shape, file, folder, link, output, spec},
};

/// An image with data in folders of root: a plain, a linked and a private one.
pub(crate) const SEEDED: Shape = Shape {
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

/// Returns mode and owner of a new volume's folder, once its app has written there.
async fn owner(engine: &Engine, more: serde_json::Value, path: &str) -> String {
    let image = SHAPE.make(&engine.docker).await;
    let mut spec = spec(&image, more);
    let volume = json!([{"volume_id": VolumeId::from_uuid(Uuid::now_v7()), "path": path}]);
    spec.volumes = serde_json::from_value(volume).unwrap();
    let made = shape::start(engine, &spec).await.unwrap();
    let owner = output(engine, &made, &["/bin/stat", "-c", "%a %u %g", path]).await;
    let written = format!("{path}/written");
    let printed = output(engine, &made, &["/bin/touch", &written]).await;
    assert_eq!(printed, "", "{path}");

    // A volume with data keeps its owner, whoever comes next.
    let runner = engine.runner().await;
    runner.remove(&made.key).await.unwrap();
    let again = Made {
        key: other_key(&made),
        spec: RunnerSpec {
            user: Some(ContainerUser::new("4242").unwrap()),
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
fn other_key(made: &Made) -> InstanceKey {
    InstanceKey {
        instance_id: new_key().instance_id,
        attempt: None,
        ..made.key
    }
}

async fn create_as(engine: &Engine, made: &Made) {
    let runner = engine.runner().await;
    let (progress, _) = PullProgress::new();
    let image = &made.spec.image;
    let ready = runner.pull(image, None, None, &progress).await.unwrap();
    let instance = InstanceSpec {
        key: made.key,
        spec: made.spec.clone(),
        image_digest: ready.digest,
        expected_volumes: Vec::new(),
        network: None,
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
            key: other_key(&made),
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
