//! The same container without Berth.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    bench::{
        api::text,
        deploy::{PORT, inspect, until_running},
    },
    docker::engine::Engine,
    http::{Request, Response},
    services,
};

/// The bare engine, with the options of a container of Berth's.
pub(super) struct Arm<'a> {
    engine: &'a Engine,
    options: Value,
}

/// How one round went.
pub(super) struct Run {
    /// Until the engine had started the container, as it says itself.
    pub(super) running: Duration,
    /// Until the engine answered that it had.
    pub(super) started: Duration,
}

impl<'a> Arm<'a> {
    /// Takes the options over from a container that is there.
    pub(super) fn like(engine: &'a Engine, container: &Value) -> Result<Self> {
        let mut options = container["Config"].clone();
        let fields = options
            .as_object_mut()
            .context("the container has no options")?;
        // Its own id, and the marks by which Berth knows what is its own.
        fields.remove("Hostname");
        fields.remove("Labels");
        fields.insert("HostConfig".to_owned(), container["HostConfig"].clone());
        Ok(Self { engine, options })
    }

    /// Creates and starts a container, then removes it.
    pub(super) fn run(&self) -> Result<Run> {
        let mut options = self.options.clone();
        let port = services::free_port()?.to_string();
        options["HostConfig"]["PortBindings"] =
            json!({ format!("{PORT}/tcp"): [{ "HostIp": "127.0.0.1", "HostPort": port }] });
        let options = options.to_string();

        let from = SystemTime::now();
        let created = self.send("POST", "/containers/create", options.as_bytes())?;
        let id = text(&created.json()?, "/Id")?;
        let started = self.send("POST", &format!("/containers/{id}/start"), &[]);
        let answered = from.elapsed();
        let running = inspect(self.engine, &id).and_then(|found| until_running(from, &found));
        self.send("DELETE", &format!("/containers/{id}?force=1&v=1"), &[])?;
        started?;
        Ok(Run {
            running: running?,
            started: answered?,
        })
    }

    fn send(&self, method: &str, path: &str, body: &[u8]) -> Result<Response> {
        let response = self.engine.request(&Request {
            method,
            path,
            headers: &[("Content-Type", "application/json")],
            body,
        })?;
        ensure!(
            matches!(response.status, 200..300),
            "the Docker Engine refuses {method} {path}: {}",
            response.text()
        );
        Ok(response)
    }
}
