//! Containers that someone renamed.

use bollard::query_parameters::RenameContainerOptionsBuilder;
use runner_common::{InstancePlatform, conformance::Subject};
use serde_json::json;
use uuid::Uuid;

use crate::{
    platform::Engine,
    shape::{self, PLAIN, output, spec},
};

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
    let options = RenameContainerOptionsBuilder::default()
        .name(&new_name)
        .build();
    engine
        .docker
        .rename_container(&container, options)
        .await
        .unwrap();
    // Someone else's container has the name now.
    let other = shape::start(&engine, &spec(&image, json!({})))
        .await
        .unwrap();
    let other_container = engine.container(&other.key).await;
    let options = RenameContainerOptionsBuilder::default()
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
