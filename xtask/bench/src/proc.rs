//! Process statistics from the kernel: CPU time and memory.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result};

/// Returns the CPU time of all threads so far.
///
/// It is the first field of `schedstat` (Linux, sched-stats.rst).
pub(super) fn time(pid: u32) -> Result<Duration> {
    let mut total = Duration::ZERO;
    for thread in fs::read_dir(folder(pid).join("task")).context("the process is gone")? {
        // The thread may have ended since it was listed.
        let text = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
        let nanos = text
            .split_whitespace()
            .next()
            .and_then(|nanos| nanos.parse().ok());
        total += Duration::from_nanos(nanos.unwrap_or(0));
    }
    Ok(total)
}

/// Returns the proportional set size in bytes.
///
/// It is the process's own pages plus a share of common ones.
pub(super) fn pss(pid: u32) -> Result<u64> {
    let path = folder(pid).join("smaps_rollup");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let kib = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .and_then(|value| value.trim().strip_suffix("kB"))
        .and_then(|value| value.trim().parse::<u64>().ok())
        .with_context(|| format!("{} does not contain the PSS", path.display()))?;
    Ok(kib * 1024)
}

/// Returns the first process with this name, if there is one.
pub(super) fn find(name: &str) -> Option<u32> {
    let processes = fs::read_dir("/proc").ok()?.flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .find(|pid| {
            fs::read_to_string(folder(*pid).join("comm")).is_ok_and(|comm| comm.trim() == name)
        })
}

fn folder(pid: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_time_and_memory() {
        let pid = std::process::id();
        assert!(time(pid).unwrap() > Duration::ZERO);
        assert!(pss(pid).unwrap() > 100 * 1024);
    }
}
