//! Process ids of this host that stay unique when the kernel reuses a number.

use std::{fs, io, path::Path, process::Command};

use models::deployment::StopSignal;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

use super::usage::Usage;

/// A process: its id and start time, in ticks since the host booted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct ProcessId {
    id: i32,
    began: u64,
}

impl ProcessId {
    pub(super) fn of(pid: Pid) -> io::Result<Self> {
        let id = pid.as_raw_pid();
        let (_, began) = stat(id).ok_or(io::ErrorKind::NotFound)?;
        Ok(Self { id, began })
    }

    /// True if the process exists and has not exited.
    ///
    /// An exited process waits (`Z`) for its parent to notice.
    pub(super) fn is_alive(self) -> bool {
        stat(self.id).is_some_and(|(state, began)| began == self.began && state != 'Z')
    }

    /// Returns its resource usage; `None` when it has exited.
    pub(super) fn usage(self) -> Option<Usage> {
        let usage = Usage::of(self.id)?;
        // Checked afterwards: the id may have been reused meanwhile.
        self.is_alive().then_some(usage)
    }

    /// Sends it a signal.
    ///
    /// Cannot hit another process: the handle is taken before the check.
    pub(super) fn signal(self, signal: Signal) -> io::Result<()> {
        let pid = Pid::from_raw(self.id).ok_or(io::ErrorKind::InvalidData)?;
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(handle) if self.is_alive() => Ok(pidfd_send_signal(handle, signal)?),
            _ => Ok(()),
        }
    }
}

/// Returns the state and start time of a process; see `proc_pid_stat(5)`.
fn stat(id: i32) -> Option<(char, u64)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is the program's name in parentheses and may contain anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.parse().ok()?, fields.nth(18)?.parse().ok()?))
}

/// Converts a signal; `None` if it cannot be sent.
///
/// The C library assigns the numbers of real-time signals.
pub(super) const fn signal(signal: StopSignal) -> Option<Signal> {
    Some(match signal {
        StopSignal::SigTerm => Signal::TERM,
        StopSignal::SigInt => Signal::INT,
        StopSignal::SigQuit => Signal::QUIT,
        StopSignal::SigHup => Signal::HUP,
        StopSignal::SigUsr1 => Signal::USR1,
        StopSignal::SigUsr2 => Signal::USR2,
        StopSignal::SigWinch => Signal::WINCH,
        StopSignal::SigPwr => Signal::POWER,
        StopSignal::SigKill => Signal::KILL,
        StopSignal::RealTimeMin(_) | StopSignal::RealTimeMax(_) => return None,
    })
}

/// Builds a command with an empty environment: the runner's own may hold the token.
#[expect(
    clippy::disallowed_methods,
    reason = "programs are what this runner runs; no shell is among them"
)]
pub(super) fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env_clear();
    command
}
