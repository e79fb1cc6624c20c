//! Logs of containers that print a lot.

use std::time::Duration;

use futures::TryStreamExt;
use models::{
    deployment::{RestartPolicy, Spec},
    value::{Argument, ImageReference},
};
use runner_common::{InstanceSpec, LogStart, PullProgress, Runner};
use runner_docker::{DockerOptions, DockerRunner};
use tokio::time::timeout;

use crate::{platform::Engine, test_image};

/// Each takes about 30 bytes in the engine's files of 16 MiB, so they fill more than one.
const LINES: usize = 800_000;
/// The engine gives some ten thousand lines a second.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn no_line_is_lost_when_the_engine_begins_its_next_file() {
    print(&format!(
        "/bin/busybox seq 1 {LINES}; exec /bin/busybox sleep 1000"
    ))
    .await;
}

#[tokio::test]
async fn no_line_is_lost_when_the_container_ends_before_they_are_read() {
    print(&format!("exec /bin/busybox seq 1 {LINES}")).await;
}

/// Follows a container that prints all the numbers, from its first line on.
async fn print(script: &str) {
    if Engine::if_wanted().await.is_none() {
        return eprintln!("skipped: there is no platform");
    }
    let runner = DockerRunner::new(DockerOptions::default());
    let image = ImageReference::trusted(test_image::NAME);
    let (progress, _) = PullProgress::new();
    let pulled = runner.pull(&image, None, None, &progress).await.unwrap();
    let mut spec = Spec::of_image(image);
    spec.restart = RestartPolicy::Never;
    spec.command = ["/bin/busybox", "sh", "-c", script]
        .map(Argument::trusted)
        .into();
    let key = crate::policy::new_key();
    let instance = InstanceSpec {
        key,
        spec,
        image_digest: pulled.digest,
    };
    runner.create(&instance).await.unwrap();
    runner.start(&key).await.unwrap();

    let mut lines = std::pin::pin!(runner.logs(&key, LogStart::BEGINNING));
    let mut last = 0;
    while last < LINES {
        let line = timeout(PATIENCE, lines.try_next()).await;
        let line = line.unwrap_or_else(|_| panic!("nothing came after {last}"));
        let line = line.unwrap();
        let line = line.unwrap_or_else(|| panic!("it ended after {last}"));
        let number: usize = String::from_utf8(line.bytes).unwrap().parse().unwrap();
        assert!(number <= last + 1, "{number} came after {last}");
        last = last.max(number);
    }
    runner.remove(&key).await.unwrap();
}
