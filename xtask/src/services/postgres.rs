//! A PostgreSQL server without durability, for speed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    process,
    services::{self, Folder, Plan, Service},
    setup::system,
    workspace::Workspace,
};

/// User that the package creates; the server refuses to run as root.
const USER: &str = "postgres";
/// Folder of Debian's programs, one subfolder per version. They are not on the PATH.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Every test creates its own databases, many at the same time.
const MAX_CONNECTIONS: &str = "max_connections=400";

/// Starts the server; the address is the URL of a superuser.
pub fn start(workspace: &Workspace) -> Result<Service> {
    let programs = programs(workspace).context("the PostgreSQL programs are missing")?;
    let user = system::is_root().then_some(USER);
    let folder = Folder::create("postgres")?;
    if let Some(user) = user {
        give_to(workspace, &folder.0, user)?;
    }
    let data = folder.0.join("data");
    process::capture(initdb(workspace, &programs, &data, user))?;

    let port = services::free_port()?;
    let mut command = services::dependent(workspace, &programs.join("postgres"), user);
    command.arg("-D").arg(&data).args(["-p", &port.to_string()]);
    command.arg("-k").arg(&folder.0);
    for setting in [
        "listen_addresses=127.0.0.1",
        MAX_CONNECTIONS,
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
    ] {
        command.args(["-c", setting]);
    }
    // A killed server would leave its shared memory behind.
    let mut stop = services::dependent(workspace, &programs.join("pg_ctl"), user);
    stop.args(["stop", "-m", "immediate", "-D"]).arg(&data);
    let plan = Plan {
        name: "postgres",
        command,
        stop: Some(stop),
        folder,
        address: format!("postgres://{USER}@127.0.0.1:{port}/postgres"),
    };
    services::start(workspace, plan, || {
        let mut command = process::command(workspace, programs.join("pg_isready"));
        command.args(["-h", "127.0.0.1", "-U", USER, "-p", &port.to_string()]);
        process::succeeds(command)
    })
}

/// Returns the folder of the newest installed version, or of the one on the PATH.
fn programs(workspace: &Workspace) -> Option<PathBuf> {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            folder.join("initdb").exists().then_some((version, folder))
        })
        .max()
        .map(|(_, folder)| folder)
        .or_else(|| Some(workspace.find_program("initdb")?.parent()?.to_owned()))
}

fn give_to(workspace: &Workspace, folder: &Path, user: &str) -> Result<()> {
    let mut command = process::command(workspace, "chown");
    command.arg(user).arg(folder);
    process::capture(command)?;
    Ok(())
}

fn initdb(workspace: &Workspace, programs: &Path, data: &Path, user: Option<&str>) -> Command {
    let mut command = services::dependent(workspace, &programs.join("initdb"), user);
    command
        .arg("-D")
        .arg(data)
        .args(["--username", USER, "--auth", "trust"])
        .args(["--encoding", "UTF8", "--no-locale", "--no-sync"]);
    command
}
