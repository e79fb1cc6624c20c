//! The same number of instances with Docker Swarm, on a separate engine.
//!
//! Turning the machine's own engine into a swarm would change its owner's set-up.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};
use xtask::{
    docker::engine::{Answer, Engine},
    http::{Request, Response},
    process,
    services::Folder,
};

use super::{last_of, running, started_at};
use crate::{
    Subject,
    api::{text, wait},
    berthd::Program,
};

/// Filter for all containers of a swarm.
///
/// Decoded: `{"label":["com.docker.swarm.service.id"]}`.
const FILTERS: &str = "%7B%22label%22%3A%5B%22com.docker.swarm.service.id%22%5D%7D";

/// A swarm of one machine; it needs root, for its own network namespace.
pub(super) struct Swarm {
    // Drop order: the process must end before its folder is removed.
    _engine: Program,
    engine: Engine,
    image: String,
    _folder: Folder,
}

impl Swarm {
    /// Starts an engine, loads the image into it, and turns it into a swarm.
    pub(super) fn start(subject: &Subject<'_>, image: &str) -> Result<Self> {
        let folder = Folder::create("bench-swarm")?;
        let place = |name: &str| folder.path().join(name);
        let option = |name: &str, path: PathBuf| format!("--{name}={}", path.display());
        // Without its own namespace, it would take over the network of the machine's engine.
        let mut command = process::command(subject.workspace, "unshare");
        command.args(["--net", "dockerd"]).args([
            format!("--host=unix://{}", place("docker.sock").display()),
            option("data-root", place("data")),
            option("exec-root", place("exec")),
            option("pidfile", place("dockerd.pid")),
        ]);
        let log = subject.workspace.work_folder().join("bench-swarm.log");
        let program = Program::start(command, &log)?;
        let engine = Engine::at(&place("docker.sock"));
        wait("an engine of its own does not answer", || {
            Ok(matches!(engine.ping(), Answer::Yes).then_some(()))
        })?;
        // The loopback interface of a new namespace is down.
        let namespace = format!("--net=/proc/{}/ns/net", program.pid());
        let mut loopback = process::command(subject.workspace, "nsenter");
        loopback.args([&namespace, "ip", "link", "set", "lo", "up"]);
        process::capture(loopback)?;
        let swarm = Self {
            _engine: program,
            engine,
            image: image.to_owned(),
            _folder: folder,
        };
        let archive = subject
            .engine
            .request(&Request::get(&format!("/images/{image}/get")))?;
        ensure!(archive.status == 200, "the image cannot be saved");
        swarm.send("POST", "/images/load", "application/x-tar", &archive.body)?;
        let options = json!({ "ListenAddr": "127.0.0.1:2377", "AdvertiseAddr": "127.0.0.1" });
        swarm.post("/swarm/init", &options)?;
        Ok(swarm)
    }

    /// Creates a service with this many instances, then removes it.
    ///
    /// Returns the time until the last one had started.
    pub(super) fn run(&self, count: usize) -> Result<Duration> {
        let service = json!({
            "Name": "burst",
            "TaskTemplate": { "ContainerSpec": { "Image": self.image } },
            "Mode": { "Replicated": { "Replicas": count } },
        });
        let from = SystemTime::now();
        let made = self.post("/services/create", &service)?.json()?;
        wait("the service's tasks do not run", || {
            let running = running(&self.engine, FILTERS)?;
            Ok((running.len() == count).then_some(()))
        })?;
        let all = started_at(&self.engine, FILTERS)?;
        let id = text(&made, "/ID")?;
        self.send(
            "DELETE",
            &format!("/services/{id}"),
            "application/json",
            &[],
        )?;
        wait("the service's tasks do not end", || {
            Ok(running(&self.engine, FILTERS)?.is_empty().then_some(()))
        })?;
        last_of(&all, from)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Response> {
        self.send(
            "POST",
            path,
            "application/json",
            body.to_string().as_bytes(),
        )
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Response> {
        let response = self.engine.request(&Request {
            method,
            path,
            headers: &[("Content-Type", kind)],
            body,
        })?;
        if !matches!(response.status, 200..300) {
            bail!("{method} {path}: {}", response.text());
        }
        Ok(response)
    }
}
