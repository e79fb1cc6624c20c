//! Processes of this machine, told apart even when one gets the id of another that is gone.

use std::{fs, io, path::Path, process::Command};

use models::deployment::StopSignal;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

use super::usage::Usage;

/// A process, by its id and by when it began, in ticks since the machine was started.
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

    /// Whether it is there and has not ended; one that has waits (`Z`) for its parent to notice.
    pub(super) fn is_alive(self) -> bool {
        stat(self.id).is_some_and(|(state, began)| began == self.began && state != 'Z')
    }

    /// What it has used; none when it has ended.
    pub(super) fn usage(self) -> Option<Usage> {
        let usage = Usage::of(self.id)?;
        // Afterwards: by then another process may have had the id.
        self.is_alive().then_some(usage)
    }

    /// Sends it a signal. It cannot hit another process: the handle is taken before the look.
    pub(super) fn signal(self, signal: Signal) -> io::Result<()> {
        let pid = Pid::from_raw(self.id).ok_or(io::ErrorKind::InvalidData)?;
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(handle) if self.is_alive() => Ok(pidfd_send_signal(handle, signal)?),
            _ => Ok(()),
        }
    }
}

/// The state of a process and when it began; see `proc_pid_stat(5)`.
fn stat(id: i32) -> Option<(char, u64)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is the program's name in parentheses and may contain anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.parse().ok()?, fields.nth(18)?.parse().ok()?))
}

/// The signal, if it is one that can be sent. The numbers of real-time signals are the C library's to
/// give.
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

/// A program to start. It gets nothing of our own environment, where the token may be.
#[expect(
    clippy::disallowed_methods,
    reason = "programs are what this runner runs; no shell is among them"
)]
pub(super) fn program(path: &Path) -> Command {
    let mut command = Command::new(path);
    command.env_clear();
    command
}
