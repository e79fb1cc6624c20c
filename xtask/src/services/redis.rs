//! A Redis server without persistence.

use anyhow::{Context, Result};

use crate::{
    services::{self, Folder, Plan, Service},
    workspace::Workspace,
};

/// Starts the server; the address is a URL.
pub fn start(workspace: &Workspace) -> Result<Service> {
    let program = workspace
        .find_program("redis-server")
        .context("redis-server is missing")?;
    let folder = Folder::create("redis")?;
    let port = services::free_port()?;
    let mut command = services::dependent(workspace, &program, None);
    command
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--appendonly", "no", "--dir"])
        .arg(&folder.0);
    let plan = Plan {
        name: "redis",
        command,
        stop: None,
        folder,
        address: format!("redis://127.0.0.1:{port}"),
    };
    services::start(workspace, plan, || {
        services::answers(port, "PING\r\n", "+PONG")
    })
}
