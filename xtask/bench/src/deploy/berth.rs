//! A deployment with Berth, through the API.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use xtask::{docker::engine::Engine, http::Request};

use crate::{
    api::{Api, text, wait},
    deploy::{IMAGE, PORT, inspect, since, until_running},
};

/// Phases of a release in order; each begins when the one before ends.
pub(crate) const PHASES: [&str; 5] = ["queued", "pulling", "starting", "verifying", "switching"];
const LAST: &str = "live";

/// A server with this machine's runner.
pub(crate) struct Arm<'a> {
    engine: &'a Engine,
    api: &'a Api,
    runner_id: String,
}

/// Result of one deployment.
pub(crate) struct Run {
    /// Time until the engine had started the container, as the engine reports it.
    pub(crate) running: Duration,
    /// Time until the server recorded the release as live.
    pub(crate) live: Duration,
    /// The engine's description of the container.
    pub(crate) container: Value,
    /// Time from the request to the beginning of each phase.
    timeline: Vec<(String, Duration)>,
    /// Path within the workspace.
    pub(crate) path: String,
}

impl<'a> Arm<'a> {
    /// Waits for the runner of this name.
    pub(crate) fn new(engine: &'a Engine, api: &'a Api, runner: &str) -> Result<Self> {
        Ok(Self {
            engine,
            api,
            runner_id: api.connected_runner(runner)?,
        })
    }

    /// Deploys, and collects the result once the release is live.
    pub(crate) fn deploy(&self, name: &str) -> Result<Run> {
        let request = json!({
            "name": name,
            "runner_id": self.runner_id,
            "spec": { "image": IMAGE, "ports": [{ "number": PORT }] },
        });
        let from = SystemTime::now();
        let made = self.api.send("POST", "/deployment", &request)?;
        let id = text(&made, "/deployment/deployment_id")?;
        let path = format!("/deployment/{id}");
        let release = wait(&format!("{name} did not become live"), || {
            let found = self.api.get(&path)?.context("the deployment is gone")?;
            let release = &found["deployment"]["release"];
            match release["phase"].as_str() {
                Some(LAST) => Ok(Some(release.clone())),
                Some("failed") => bail!("{name} failed: {}", release["failure"]),
                _ => Ok(None),
            }
        })?;
        let container = inspect(self.engine, &self.container(&id)?)?;
        let timeline = release["timeline"]
            .as_array()
            .context("the release has no times")?
            .iter()
            .map(|change| Ok((text(change, "/phase")?, since(from, &text(change, "/at")?)?)))
            .collect::<Result<Vec<_>>>()?;
        let mut run = Run {
            running: until_running(from, &container)?,
            live: Duration::ZERO,
            container,
            timeline,
            path,
        };
        run.live = run.begin(LAST)?;
        Ok(run)
    }

    /// Deletes the deployment and waits until everything of it is gone.
    pub(crate) fn delete(&self, run: &Run) -> Result<()> {
        self.api.send("DELETE", &run.path, &Value::Null)?;
        wait("a deployment was not deleted", || {
            Ok(self.api.get(&run.path)?.is_none().then_some(()))
        })
    }

    /// Returns the id of the deployment's container.
    fn container(&self, deployment: &str) -> Result<String> {
        // `{"label":["dev.berth.deployment=<id>"]}`
        let path = format!(
            "/containers/json?filters=%7B%22label%22%3A%5B%22dev.berth.deployment%3D{deployment}\
             %22%5D%7D"
        );
        let found = self.engine.request(&Request::get(&path))?.json()?;
        text(&found, "/0/Id")
    }
}

impl Run {
    /// Returns the time that the release spent in a phase; zero if it was skipped.
    pub(crate) fn phase(&self, name: &str) -> Result<Duration> {
        let Some(at) = self.timeline.iter().position(|(phase, _)| phase == name) else {
            return Ok(Duration::ZERO);
        };
        let (_, begin) = self.timeline[at];
        let (_, end) = self
            .timeline
            .get(at + 1)
            .context("the release ended too early")?;
        Ok(end.saturating_sub(begin))
    }

    fn begin(&self, name: &str) -> Result<Duration> {
        self.timeline
            .iter()
            .find(|(phase, _)| phase == name)
            .map(|(_, at)| *at)
            .with_context(|| format!("the release was never {name}"))
    }
}
