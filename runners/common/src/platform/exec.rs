//! Execs: programs that run inside an instance.

use std::{fmt, pin::Pin};

use futures::{future::BoxFuture, stream::BoxStream};
use models::{exec::TerminalSize, value::Argument};
use tokio::io::AsyncWrite;

use super::RunnerError;

/// Request to run a program inside an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// The program and its arguments. No shell interprets them.
    pub command: Vec<Argument>,
    /// Size of the terminal; absent for a program with neither terminal nor input.
    pub terminal: Option<TerminalSize>,
}

/// A program that runs inside an instance.
///
/// Dropping it hangs up: the platform ends the program as far as it can.
pub struct ExecSession {
    /// Input of the terminal; without a terminal, nothing may be written.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// Output, both streams interleaved. It ends when the program has exited.
    pub output: BoxStream<'static, Result<Vec<u8>, RunnerError>>,
    /// Other operations on the program.
    pub control: Box<dyn ExecControl>,
}

/// Operations on a running program, besides reading and writing.
pub trait ExecControl: Send + Sync {
    /// Resizes the terminal; does nothing without one.
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn resize(&self, size: TerminalSize) -> BoxFuture<'_, Result<(), RunnerError>>;

    /// Returns the exit status, once the output has ended.
    ///
    /// # Errors
    /// When the platform does not answer, or the program has not exited.
    fn end(&self) -> BoxFuture<'_, Result<ProgramEnd, RunnerError>>;
}

/// Exit status of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramEnd {
    /// Exit code; 128 + n when signal n ended it.
    pub code: i64,
    /// True if the kernel killed it for lack of memory.
    pub oom_killed: bool,
}

impl From<i64> for ProgramEnd {
    fn from(code: i64) -> Self {
        Self {
            code,
            oom_killed: false,
        }
    }
}

impl fmt::Debug for ExecSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecSession").finish_non_exhaustive()
    }
}
