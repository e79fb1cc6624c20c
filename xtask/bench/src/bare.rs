//! Containers without Berth, for comparison.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use xtask::{
    docker::engine::Engine,
    http::{Request, Response},
    services,
};

use crate::api::text;

/// The bare engine, with the options of one of Berth's containers.
pub(super) struct Bare<'a> {
    engine: &'a Engine,
    options: Value,
}

impl<'a> Bare<'a> {
    /// Copies the options from an existing container, as the engine reports them.
    pub(super) fn like(engine: &'a Engine, container: &Value) -> Result<Self> {
        let mut options = container["Config"].clone();
        let fields = options
            .as_object_mut()
            .context("the container has no options")?;
        // Removes the container's own id, and the marks by which Berth recognizes its
        // containers.
        fields.remove("Hostname");
        fields.remove("Labels");
        fields.insert("HostConfig".to_owned(), container["HostConfig"].clone());
        Ok(Self { engine, options })
    }

    /// Creates and starts a container; returns its id.
    pub(super) fn start(&self) -> Result<String> {
        let mut options = self.options.clone();
        let ports = options["HostConfig"]["PortBindings"].as_object_mut();
        for published in ports.into_iter().flat_map(|ports| ports.values_mut()) {
            let port = services::free_port()?.to_string();
            *published = json!([{ "HostIp": "127.0.0.1", "HostPort": port }]);
        }
        let options = options.to_string();
        let created = self.send("POST", "/containers/create", options.as_bytes())?;
        let id = text(&created.json()?, "/Id")?;
        if let Err(error) = self.send("POST", &format!("/containers/{id}/start"), &[]) {
            self.remove(&id)?;
            return Err(error);
        }
        Ok(id)
    }

    /// Removes a container.
    pub(super) fn remove(&self, id: &str) -> Result<()> {
        self.send("DELETE", &format!("/containers/{id}?force=1&v=1"), &[])?;
        Ok(())
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
            "the Docker Engine rejected {method} {path}: {}",
            response.text()
        );
        Ok(response)
    }
}
