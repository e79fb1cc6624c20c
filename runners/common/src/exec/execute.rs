//! A program that is run to its end, with nobody to type.

use std::time::Duration;

use futures::TryStreamExt;
use models::value::Argument;
use tokio::time::timeout;

use crate::runner::{Exec, InstanceKey, ProgramEnd, Runner, RunnerError};

/// So many bytes of what a program prints are kept at the most.
const MAX_OUTPUT: usize = 16 * 1024;

/// How a program ended that was run inside an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Executed {
    /// Its end.
    pub(crate) end: ProgramEnd,
    /// The beginning of what it printed, both streams as they came.
    pub(crate) output: Vec<u8>,
}

/// Runs a program inside an instance that is up and waits for its end, but not for longer than
/// `limit`.
///
/// # Errors
/// [`Fault::User`](models::deployment::Fault::User) when there is no such program or it takes
/// too long, else the platform's.
pub(crate) async fn execute<R: Runner>(
    runner: &R,
    instance: &InstanceKey,
    command: &[Argument],
    limit: Duration,
) -> Result<Executed, RunnerError> {
    let exec = Exec {
        command: command.to_vec(),
        terminal: None,
    };
    let running = async {
        let mut session = runner.exec(instance, exec).await?;
        let mut output = Vec::new();
        while let Some(printed) = session.output.try_next().await? {
            let room = MAX_OUTPUT.saturating_sub(output.len());
            output.extend(printed.iter().take(room));
        }
        let end = session.control.end().await?;
        Ok(Executed { end, output })
    };
    timeout(limit, running).await.unwrap_or_else(|_| {
        Err(RunnerError::user(
            "command_timeout",
            format!("The command did not end within {} ms.", limit.as_millis()),
        ))
    })
}
