//! Programs that run to their end, without input.

use std::time::Duration;

use futures::TryStreamExt;
use models::deployment::FailureCode;
use models::value::Argument;
use tokio::time::timeout;

use crate::platform::{Exec, InstanceKey, InstancePlatform, ProgramEnd, RunnerError};

/// Most bytes of a program's output that are kept.
const MAX_OUTPUT: usize = 16 * 1024;

/// Result of a program that ran inside an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Executed {
    /// Exit status.
    pub(super) end: ProgramEnd,
    /// Beginning of the output, both streams interleaved.
    pub(super) output: Vec<u8>,
}

/// Runs a program inside a running instance and waits for its end.
///
/// Waits at most for `limit`.
///
/// # Errors
/// [`Fault::User`](models::deployment::Fault::User) when there is no such program or it takes
/// too long, else the platform's.
pub(super) async fn execute<P: InstancePlatform>(
    platform: &P,
    instance: &InstanceKey,
    command: &[Argument],
    limit: Duration,
) -> Result<Executed, RunnerError> {
    let exec = Exec {
        command: command.to_vec(),
        terminal: None,
    };
    let running = async {
        let mut session = platform.exec(instance, exec).await?;
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
            FailureCode::CommandTimeout,
            format!("The command timed out after {} ms.", limit.as_millis()),
        ))
    })
}
