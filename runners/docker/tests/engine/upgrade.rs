//! Replacement of an engine by a newer one, under running apps.
//!
//! `BERTH_TEST_ENGINE_OLD` and `BERTH_TEST_ENGINE_NEW` are the PATHs of the two. The tests
//! start both at the default socket, so they need a host without an engine. `cargo xtask test
//! engines` provides one.

use std::{
    env,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use bollard::{API_DEFAULT_VERSION, Docker};
use models::{deployment::InstanceState, runner::RunnerInfo};
use runner_common::conformance::{
    App, Harness, PORT,
    harness::{answers_soon, release_id},
};
use runner_docker::DEFAULT_SOCKET;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::{platform::Engine, test_image};

const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(20);

/// A running `dockerd`.
struct Daemon(Child);

impl Daemon {
    async fn start(path: &str, data: &Path, settings: &[&str]) -> Self {
        let child = Command::new("dockerd")
            .arg("--data-root")
            .arg(data)
            .args(["--exec-opt", "native.cgroupdriver=cgroupfs"])
            .args(settings)
            .env("PATH", path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let daemon = Self(child);
        timeout(PATIENCE, docker()).await.expect("it answers");
        daemon
    }

    /// Stops it as a service manager does.
    async fn stop(mut self) {
        let number = Pid::from_raw(self.0.id().try_into().unwrap()).unwrap();
        kill_process(number, Signal::TERM).unwrap();
        let ended = async {
            while self.0.try_wait().unwrap().is_none() {
                sleep(LOOK).await;
            }
        };
        timeout(PATIENCE, ended).await.expect("it ends");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Returns a client of the engine, once it answers.
async fn docker() -> Docker {
    loop {
        // Without a socket, not even a client can be created.
        let client = Docker::connect_with_unix(DEFAULT_SOCKET, 120, API_DEFAULT_VERSION);
        if let Ok(client) = client
            && let Ok(docker) = client.negotiate_version().await
        {
            return docker;
        }
        sleep(LOOK).await;
    }
}

/// Returns the PATHs of both engines; `None` when the tests are not wanted.
fn engines() -> Option<(String, String)> {
    let path = |name| env::var(name).ok();
    path("BERTH_TEST_ENGINE_OLD").zip(path("BERTH_TEST_ENGINE_NEW"))
}

/// Deploys an app on the old engine, replaces the engine, and waits for the app.
///
/// Returns true if the app ran on meanwhile.
async fn replace(settings: &[&str]) -> Option<bool> {
    let (old, new) = engines()?;
    let data = TempDir::new().unwrap();
    let daemon = Daemon::start(&old, data.path(), settings).await;
    let docker = docker().await;
    test_image::make(&docker).await;
    let engine = Engine::of(docker);
    let mut harness = Harness::start(&engine).await;
    let mut link = harness.first_link().await;
    let app = harness.workload(App::Web, Some(PORT));
    let (app, instance) = harness.deploy(&mut link, &app).await;
    let before = about(&harness);

    daemon.stop().await;
    let daemon = Daemon::start(&new, data.path(), settings).await;
    let (mut link, _) = harness.next_link().await;
    link.set_desired(std::slice::from_ref(&app)).await;
    let after = about(&harness);
    assert_ne!(before.platform_version, after.platform_version);
    assert_ne!(before.platform_api, after.platform_api);
    let is = |seen: &[models::deployment::Instance]| matches!(seen, [only] if only.release_id == release_id(&app) && only.state == InstanceState::Running);
    let seen = link.observed("the app", app.deployment_id, is).await;
    answers_soon(&seen[0].ports).await;
    // Instances started from now on belong to the new engine alone.
    let other = harness.workload(App::Mute, None);
    let (other, _) = harness.deploy(&mut link, &other).await;
    harness.finish(link, &[&app, &other]).await;
    daemon.stop().await;
    Some(seen[0].started_at == instance.started_at)
}

fn about(harness: &Harness<'_, Engine>) -> RunnerInfo {
    harness.server.about.clone().unwrap()
}

#[tokio::test]
async fn apps_are_started_again_by_the_engine_that_replaces_another() {
    match replace(&[]).await {
        Some(went_on) => assert!(!went_on, "an engine ends what it started"),
        None => eprintln!("skipped: there are no two engines"),
    }
}

#[tokio::test]
async fn apps_go_on_while_an_engine_is_replaced_that_leaves_them_alone() {
    match replace(&["--live-restore"]).await {
        Some(went_on) => assert!(went_on, "it was started again"),
        None => eprintln!("skipped: there are no two engines"),
    }
}
