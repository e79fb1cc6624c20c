//! Logs of containers that print a lot.

use std::time::Duration;

use futures::TryStreamExt;
use models::{
    deployment::RestartPolicy,
    runner::{MAX_LOG_LINE_BYTES, RunnerSpec},
    value::{Argument, ImageReference},
};
use runner_common::{
    InstanceKey, InstancePlatform, InstanceSpec, LogStart, PlatformLine, PullProgress,
};
use runner_docker::{DockerOptions, DockerRunner};
use tokio::time::timeout;

use crate::{platform::Engine, test_image};

/// Number of lines. Each takes about 30 bytes in the engine's files of 16 MiB, so they fill
/// more than one.
const LINES: usize = 800_000;
/// Timeout; the engine delivers some ten thousand lines a second.
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

/// The engine cuts lines every 16 KiB, within characters too.
///
/// Followed or read afterwards, readers get the lines as they were printed, under the same ids.
#[tokio::test]
async fn long_lines_are_whole_and_the_same_each_time_they_are_read() {
    let crabs = |bytes: usize| {
        format!("/bin/busybox yes 🦀 | /bin/busybox tr -d '\\n' | /bin/busybox head -c {bytes}")
    };
    let script = [
        "echo begin".to_owned(),
        format!("{}; echo", crabs(100_000)),
        format!("echo 'a'$({})", crabs(20_000)),
        format!("{}; echo", crabs(600_000)),
        "printf '%s' end".to_owned(),
    ];
    let Some((runner, key)) = started(&script.join("; ")).await else {
        return eprintln!("skipped: there is no platform");
    };
    let read = async || -> Vec<PlatformLine> {
        let lines = runner.logs(&key, LogStart::BEGINNING).try_collect();
        timeout(PATIENCE, lines).await.unwrap().unwrap()
    };
    let followed = read().await;
    let shown = followed.iter().map(|line| {
        let text = String::from_utf8(line.bytes.clone()).expect("whole characters");
        let begin = text.chars().next().unwrap();
        (begin, text.len(), line.is_cut)
    });
    let shown: Vec<_> = shown.collect();
    let limit = MAX_LOG_LINE_BYTES;
    let expected = [
        ('b', 5, false),
        ('🦀', 100_000, false),
        ('a', 20_001, false),
        ('🦀', limit, true),
        ('🦀', limit, true),
        ('🦀', 600_000 - 2 * limit, false),
        ('e', 3, false),
    ];
    assert_eq!(shown, expected);
    let named = |lines: &[PlatformLine]| -> Vec<_> {
        lines
            .iter()
            .map(|line| (line.at, line.bytes.clone()))
            .collect()
    };
    assert_eq!(named(&read().await), named(&followed));
    runner.remove(&key).await.unwrap();
}

/// Follows a container that prints all the numbers, from its first line on.
async fn print(script: &str) {
    let Some((runner, key)) = started(script).await else {
        return eprintln!("skipped: there is no platform");
    };
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

/// Starts a container that runs a script.
async fn started(script: &str) -> Option<(DockerRunner, InstanceKey)> {
    Engine::if_wanted().await?;
    let runner = DockerRunner::new(DockerOptions::default());
    let image = ImageReference::trusted(test_image::NAME);
    let (progress, _) = PullProgress::new();
    let pulled = Box::pin(runner.pull(&image, None, None, &progress))
        .await
        .unwrap();
    let mut spec = RunnerSpec::of_image(image);
    spec.restart = RestartPolicy::Never;
    spec.entrypoint = ["/bin/busybox", "sh", "-c", script]
        .map(Argument::trusted)
        .into();
    let key = crate::policy::new_key();
    let instance = InstanceSpec {
        key,
        spec,
        image_digest: pulled.digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    runner.create(&instance).await.unwrap();
    runner.start(&key).await.unwrap();
    Some((runner, key))
}
