//! Programs that are run inside an instance.

use std::{fmt, pin::Pin};

use futures::{future::BoxFuture, stream::BoxStream};
use models::{exec::TerminalSize, value::Argument};
use tokio::io::AsyncWrite;

use super::RunnerError;

/// What to run inside an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// The program and its arguments. No shell reads them.
    pub command: Vec<Argument>,
    /// The size of its terminal; without one it has neither terminal nor input.
    pub terminal: Option<TerminalSize>,
}

/// A program that runs inside an instance.
///
/// Dropping it hangs up: the platform ends the program as far as it can.
pub struct ExecSession {
    /// What is typed goes here; without a terminal, nothing may be written.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What it prints, both streams as they come. It ends when the program has ended.
    pub output: BoxStream<'static, Result<Vec<u8>, RunnerError>>,
    /// What else can be done with it.
    pub control: Box<dyn ExecControl>,
}

/// What can be done with a program that runs, besides reading and writing.
pub trait ExecControl: Send + Sync {
    /// Gives its terminal another size; one without a terminal is left alone.
    ///
    /// # Errors
    /// When the platform refuses or does not answer.
    fn resize(&self, size: TerminalSize) -> BoxFuture<'_, Result<(), RunnerError>>;

    /// Its end, once its output has ended.
    ///
    /// # Errors
    /// When the platform does not answer, or the program has not ended.
    fn end(&self) -> BoxFuture<'_, Result<ProgramEnd, RunnerError>>;
}

/// The end of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProgramEnd {
    /// Its exit code; 128 + n when signal n ended it.
    pub code: i64,
    /// True when the kernel killed it for want of memory.
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
