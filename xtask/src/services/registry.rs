//! A container registry on loopback, which engines trust without TLS.

use std::fs;

use anyhow::{Context, Result};

use crate::{
    services::{self, Folder, Plan, Service},
    workspace::Workspace,
};

/// Starts the registry; the address is `host:port`, the prefix of image names.
pub fn start(workspace: &Workspace) -> Result<Service> {
    let program = workspace
        .find_program("docker-registry")
        .context("docker-registry is missing")?;
    let folder = Folder::create("registry")?;
    let port = services::free_port()?;
    let config = folder.0.join("config.yml");
    let text = format!(
        "version: 0.1\n\
         log: {{ level: warn }}\n\
         storage: {{ filesystem: {{ rootdirectory: '{}' }} }}\n\
         http: {{ addr: '127.0.0.1:{port}' }}\n",
        folder.0.join("images").display()
    );
    fs::write(&config, text).with_context(|| format!("cannot write {}", config.display()))?;
    let mut command = services::dependent(workspace, &program, None);
    command.arg("serve").arg(&config);
    let plan = Plan {
        name: "registry",
        command,
        stop: None,
        folder,
        address: format!("127.0.0.1:{port}"),
    };
    services::start(workspace, plan, || {
        services::answers(port, "GET /v2/ HTTP/1.0\r\n\r\n", "HTTP/1.0 200")
    })
}
