//! Memory of the idle programs.

use std::{thread, time::Duration};

use anyhow::Result;
use serde_json::json;
use xtask::{process, progress::Line, services::Folder};

use crate::{
    Subject,
    api::{Api, text},
    berthd::{Berthd, Program, ThisMachine},
    page::CODINGS,
    proc,
    report::{Table, mebibytes},
};

/// Time that covers all work after a start, and one heartbeat.
const IDLE: Duration = Duration::from_secs(15);
/// Name of the runner.
pub(super) const RUNNER: &str = "bench-runner";

/// Starts the programs, warms them up like a real installation, and waits.
pub(super) fn measure(subject: &Subject<'_>, line: &mut Line) -> Result<Table> {
    let mut rows = Vec::new();
    let mut row = |name: &str, pid| -> Result<()> {
        rows.push(vec![name.to_owned(), mebibytes(proc::pss(pid)?)]);
        Ok(())
    };

    line.note("berthd alone");
    let folder = Folder::create("bench-memory")?;
    let server = Berthd::start(subject, folder.path(), ThisMachine::Off)?;
    let api = Api::set_up(&server)?;
    api.browse(&format!("/workspace/{}", api.workspace_id), CODINGS)?;
    thread::sleep(IDLE);
    row("`berthd`, no runner", server.pid())?;

    line.note("berth-runner-docker");
    let runner = start_runner(subject, &server, &api)?;
    api.connected_runner(RUNNER)?;
    thread::sleep(IDLE);
    row("`berth-runner-docker`, connected to it", runner.pid())?;
    drop((runner, server));

    line.note("berthd with this machine's runner");
    let folder = Folder::create("bench-memory")?;
    let server = Berthd::start(subject, folder.path(), ThisMachine::Auto)?;
    let api = Api::set_up(&server)?;
    api.browse(&format!("/workspace/{}", api.workspace_id), CODINGS)?;
    api.connected_runner("this-machine")?;
    thread::sleep(IDLE);
    row("`berthd` with this machine's runner", server.pid())?;
    if let Some(engine) = proc::find("dockerd") {
        row("beside it: `dockerd`, not in Swarm mode", engine)?;
    }
    Ok(Table {
        title: "Memory, idle",
        method: format!(
            "PSS from `/proc/<pid>/smaps_rollup`, {} s after set-up, sign-in and one page. The \
             kernel's part of connections is in no process.",
            IDLE.as_secs()
        ),
        columns: vec!["Process", "PSS"],
        rows,
    })
}

/// Starts the runner of a server.
pub(super) fn start_runner(subject: &Subject<'_>, server: &Berthd, api: &Api) -> Result<Program> {
    let made = api.send("POST", "/runner", &json!({ "name": RUNNER }))?;
    let mut command = process::command(subject.workspace, &subject.runner);
    command
        .env(
            "BERTH_RUNNER_SERVER_URL",
            format!("http://127.0.0.1:{}", server.port),
        )
        .env("BERTH_RUNNER_TOKEN", text(&made, "/token")?);
    let log = subject.workspace.work_folder().join("bench-runner.log");
    Program::start(command, &log)
}
