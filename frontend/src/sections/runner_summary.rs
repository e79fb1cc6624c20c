//! One-line description of a runner.

use components::format;
use models::runner::Runner;

use super::{runner_platform, runner_policy};

/// Describes a runner's kind, host and host policy, or says it never connected.
pub(super) fn summary_line(runner: &Runner) -> String {
    let Some(about) = &runner.about else {
        return "Not connected yet.".to_owned();
    };
    let policy = about.policy.as_ref().map(runner_policy::describe);
    let disk = about
        .disk_bytes
        .map(|disk| format!(", {} disk", format::bytes(disk)));
    format!(
        "{} on {} ({} {}, {}, {} memory{}), runner {}{}",
        runner_platform::name(about),
        about.host_name,
        about.os,
        about.arch,
        format::count(i64::from(about.cpus), "CPU"),
        format::bytes(about.memory_bytes),
        disk.unwrap_or_default(),
        about.version,
        policy.unwrap_or_default(),
    )
}
