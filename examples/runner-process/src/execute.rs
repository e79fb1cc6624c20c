//! Programs that are run beside an app, in its folder and with its environment.

use std::{
    io::{self, Read, Seek},
    process::Stdio,
    time::Duration,
};

use runner_common::{Executed, RunnerError};
use tokio::{process::Command, time::timeout};

use crate::{runner::failed, supervisor::code};

/// Runs a program until its end, but not for longer than `limit`; it is then ended.
pub(crate) async fn execute(
    mut command: std::process::Command,
    limit: Duration,
) -> Result<Executed, RunnerError> {
    let running = async {
        // Both streams share one place in one file, which has no name and goes with us.
        let mut printed = tempfile::tempfile()?;
        command.stdin(Stdio::null());
        command
            .stdout(printed.try_clone()?)
            .stderr(printed.try_clone()?);
        let status = Command::from(command).kill_on_drop(true).status().await?;
        let mut output = Vec::new();
        printed.rewind()?;
        printed
            .take(Executed::MAX_OUTPUT as u64)
            .read_to_end(&mut output)?;
        io::Result::Ok(Executed {
            code: code(status),
            output,
        })
    };
    let ended = timeout(limit, running).await.map_err(|_| {
        let message = format!("The command did not end within {} ms.", limit.as_millis());
        RunnerError::user("command_timeout", message)
    });
    ended?.map_err(failed)
}
