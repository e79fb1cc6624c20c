//! Configuration files of instances, and the directories that they need.

use futures::TryStreamExt;
use runner_common::{InstancePlatform, LogStart, conformance::Subject};
use serde_json::json;

use crate::{
    platform::Engine,
    shape::{self, PLAIN, output, spec},
    volume_owner::SEEDED,
};

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
