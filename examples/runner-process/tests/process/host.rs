//! The test subject: two folders on this host, removed when the test ends.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::PathBuf,
    time::Duration,
};

use futures::TryStreamExt;
use models::{runner::RunnerSpec, value::ImageReference};
use runner_common::{
    InstanceKey, InstancePlatform, InstanceSpec, LogStart, PlatformInstance, PlatformLine,
    PlatformState, PullProgress,
    conformance::{ECHO, FALSE, Subject, TRUE, YES},
};
use runner_process::ProcessRunner;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) struct TestHost {
    folder: TempDir,
}

impl TestHost {
    /// Creates a subject with the test app and the programs that run beside it.
    pub(crate) fn new() -> Self {
        let host = Self {
            folder: TempDir::new().unwrap(),
        };
        fs::create_dir_all(host.path("programs/bin")).unwrap();
        let app = host.path("programs/app");
        symlink(env!("CARGO_BIN_EXE_runner-process-test-app"), app).unwrap();
        for program in [TRUE, FALSE, ECHO, YES] {
            let link = host.path(&format!("programs{program}"));
            symlink(program, link).unwrap();
        }
        host
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Adds a script to the programs, or replaces one.
    pub(crate) fn script(&self, name: &str, text: &str) -> ImageReference {
        let path = self.path("programs").join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        ImageReference::trusted(format!("process/{name}"))
    }

    /// Creates a runner as a fresh process would.
    pub(crate) fn process_runner(&self) -> ProcessRunner {
        let supervisor = env!("CARGO_BIN_EXE_berth-runner-process");
        let (programs, folder) = (self.path("programs"), self.path("runner"));
        ProcessRunner::new(programs, folder, supervisor.into()).unwrap()
    }

    pub(crate) fn folder_of(&self, key: &InstanceKey) -> PathBuf {
        self.path("runner/instances").join(format!(
            "{}.{}.{}.{}",
            key.runner_id, key.deployment_id, key.release_id, key.instance_id
        ))
    }

    /// Returns the record of an instance's last start.
    pub(crate) fn process_state(&self, key: &InstanceKey) -> Value {
        let state = fs::read(self.folder_of(key).join("state.json")).unwrap();
        serde_json::from_slice(&state).unwrap()
    }
}

impl Drop for TestHost {
    /// Kills leftovers of a failed test.
    fn drop(&mut self) {
        for entry in fs::read_dir(self.path("runner/instances"))
            .into_iter()
            .flatten()
        {
            let state = fs::read(entry.unwrap().path().join("state.json")).unwrap_or_default();
            if let Ok(state) = serde_json::from_slice::<Value>(&state)
                && state["code"].is_null()
                && state["app"]["id"] != std::process::id()
            {
                kill(&state["app"]);
            }
        }
    }
}

impl Subject for TestHost {
    type Runner = ProcessRunner;

    async fn runner(&self) -> ProcessRunner {
        self.process_runner()
    }

    fn image(&self) -> ImageReference {
        ImageReference::trusted("process/app")
    }

    fn missing_image(&self) -> ImageReference {
        ImageReference::trusted("process/missing")
    }

    // Each runner has a folder of its own, and owns everything in it.
    fn is_shared(&self) -> bool {
        false
    }

    async fn kill(&self, instance: &InstanceKey) {
        kill(&self.process_state(instance)["app"]);
    }
}

/// Kills a process by its record.
pub(crate) fn kill(process: &Value) {
    let id = process["id"].as_i64().unwrap();
    let pid = Pid::from_raw(id.try_into().unwrap()).unwrap();
    kill_process(pid, Signal::KILL).ok();
}

/// Returns a key for a new instance.
pub(crate) fn new_key() -> InstanceKey {
    InstanceKey {
        runner_id: Uuid::now_v7().into(),
        deployment_id: Uuid::now_v7().into(),
        release_id: Uuid::now_v7().into(),
        instance_id: Uuid::now_v7().into(),
        attempt: None,
    }
}

/// Pulls, creates and starts an instance.
pub(crate) async fn start(runner: &ProcessRunner, spec: RunnerSpec) -> InstanceKey {
    let (progress, _) = PullProgress::new();
    let image_digest = runner
        .pull(&spec.image, None, None, &progress)
        .await
        .unwrap()
        .digest;
    let key = new_key();
    let instance = InstanceSpec {
        key,
        spec,
        image_digest,
        expected_volumes: Vec::new(),
        network: None,
    };
    runner.create(&instance).await.unwrap();
    runner.start(&key).await.unwrap();
    key
}

/// Returns the observed state of an instance.
pub(crate) async fn inspect(runner: &ProcessRunner, key: &InstanceKey) -> PlatformInstance {
    let mut seen = runner.instances(key.runner_id).await.unwrap();
    assert_eq!(seen.len(), 1);
    seen.remove(0)
}

/// Waits for an instance's exit; returns its exit code.
pub(crate) async fn ended(runner: &ProcessRunner, key: &InstanceKey) -> i64 {
    loop {
        if let PlatformState::Exited { code, .. } = inspect(runner, key).await.state {
            return code;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Returns all lines of an instance up to its exit.
pub(crate) async fn lines(runner: &ProcessRunner, key: &InstanceKey) -> Vec<PlatformLine> {
    let lines = runner.logs(key, LogStart::BEGINNING);
    lines.try_collect().await.unwrap()
}
