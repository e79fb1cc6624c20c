//! The same number of containers without Berth.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Result, bail, ensure};
use serde_json::json;

use super::started_at;
use crate::{
    bench::api::text,
    docker::engine::Engine,
    http::{Request, Response},
    services,
};

/// How many are created at once; more make a machine of two cores no faster.
const WORKERS: usize = 5;
const LABEL: &str = "dev.berth.bench";

/// Creates and starts containers, then removes them; how long until the last one had started.
pub(super) fn run(engine: &Engine, image: &str, count: usize) -> Result<Duration> {
    let from = SystemTime::now();
    let next = AtomicUsize::new(0);
    let made = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|_| {
                scope.spawn(|| {
                    while next.fetch_add(1, Ordering::Relaxed) < count {
                        start_one(engine, image)?;
                    }
                    Ok(())
                })
            })
            .collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(started) => started,
                Err(_) => bail!("a worker could not go on"),
            })
    });
    // `{"label":["dev.berth.bench"]}`
    let filters = format!("%7B%22label%22%3A%5B%22{LABEL}%22%5D%7D");
    let all = started_at(engine, &filters)?;
    for (id, _) in &all {
        send(
            engine,
            "DELETE",
            &format!("/containers/{id}?force=1&v=1"),
            "",
        )?;
    }
    made?;
    ensure!(
        all.len() == count,
        "{} of {count} containers run",
        all.len()
    );
    let last = all.iter().map(|(_, started)| *started).max();
    Ok(last.unwrap_or(from).duration_since(from)?)
}

/// With what Berth asks for too: a published port, few powers, a limit of processes, an init.
fn start_one(engine: &Engine, image: &str) -> Result<()> {
    let port = services::free_port()?.to_string();
    let options = json!({
        "Image": image,
        "Labels": { LABEL: "burst" },
        "ExposedPorts": { "8080/tcp": {} },
        "HostConfig": {
            "PortBindings": { "8080/tcp": [{ "HostIp": "127.0.0.1", "HostPort": port }] },
            "CapDrop": ["ALL"],
            "SecurityOpt": ["no-new-privileges"],
            "PidsLimit": 512,
            "Init": true,
        },
    });
    let created = send(engine, "POST", "/containers/create", &options.to_string())?;
    let id = text(&created.json()?, "/Id")?;
    send(engine, "POST", &format!("/containers/{id}/start"), "")?;
    Ok(())
}

fn send(engine: &Engine, method: &str, path: &str, body: &str) -> Result<Response> {
    let response = engine.request(&Request {
        method,
        path,
        headers: &[("Content-Type", "application/json")],
        body: body.as_bytes(),
    })?;
    ensure!(
        matches!(response.status, 200..300),
        "the Docker Engine refuses {method} {path}: {}",
        response.text()
    );
    Ok(response)
}
