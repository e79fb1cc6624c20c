//! Description of the machine that ran the benchmarks.

use std::{fs, thread, time::SystemTime};

use anyhow::Result;
use xtask::{http::Request, process};

use crate::{Subject, api::text, report::mebibytes};

/// Describes the run in one paragraph: date, version, machine and load.
pub(super) fn describe(subject: &Subject<'_>) -> Result<String> {
    let git = |arguments: &[&str]| {
        let mut command = process::command(subject.workspace, "git");
        command.args(arguments);
        process::capture(command)
    };
    let commit = git(&["rev-parse", "--short=10", "HEAD"])?;
    // The report itself is excluded: this run writes it.
    let changes = git(&["status", "--porcelain", "--", ":!docs"])?;
    let state = if changes.is_empty() {
        ""
    } else {
        " with changes"
    };
    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let engine = subject.engine.request(&Request::get("/version"))?.json()?;
    let cores = thread::available_parallelism()?;
    let load = read("/proc/loadavg");
    let load: Vec<_> = load.split_whitespace().take(2).collect();
    Ok(format!(
        "Measured {date} at commit `{commit}`{state}, on {cores} cores ({}), {} of memory, \
         Linux {}, Docker Engine {}. Load of the machine over the last minute and the last five \
         when the run began: {}.",
        field("/proc/cpuinfo", "model name").unwrap_or_default(),
        field("/proc/meminfo", "MemTotal")
            .and_then(|total| total.strip_suffix(" kB")?.parse::<u64>().ok())
            .map(|kib| mebibytes(kib * 1024))
            .unwrap_or_default(),
        // The rest of the line names the distribution's build.
        read("/proc/sys/kernel/osrelease")
            .split('-')
            .next()
            .unwrap_or_default(),
        text(&engine, "/Version")?,
        load.join(" and "),
    ))
}

fn read(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Returns the first `name: value` of a file.
fn field(path: &str, name: &str) -> Option<String> {
    read(path).lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}
