//! Programs that run beside an app, in its folder and with its environment.

use std::{io, process::Stdio};

use futures::{FutureExt, future::BoxFuture, stream};
use models::exec::TerminalSize;
use tokio::{
    io::AsyncReadExt,
    net::unix::pipe,
    process::{Child, Command},
    sync::Mutex,
};

use super::supervise::code;
use crate::{ExecControl, ExecSession, ProgramEnd, RunnerError};

/// Most bytes per read.
const PIECE: usize = 8 * 1024;

/// Starts a program without a terminal. It is killed when the session is dropped.
///
/// # Errors
/// When it cannot be started.
pub(super) fn start(mut command: std::process::Command) -> io::Result<ExecSession> {
    let (reader, writer) = io::pipe()?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    // The command holds the write ends and is dropped, so the output ends with the program.
    let child = Command::from(command).kill_on_drop(true).spawn()?;
    let printed = pipe::Receiver::from_owned_fd(reader.into())?;
    let output = stream::unfold(printed, |mut printed| async {
        let mut piece = vec![0; PIECE];
        let read = printed.read(&mut piece).await;
        match read {
            Ok(0) => None,
            Ok(length) => {
                piece.truncate(length);
                Some((Ok(piece), printed))
            }
            Err(error) => Some((Err(RunnerError::host(error)), printed)),
        }
    });
    Ok(ExecSession {
        input: Box::pin(tokio::io::sink()),
        output: Box::pin(output),
        control: Box::new(Running(Mutex::new(child))),
    })
}

struct Running(Mutex<Child>);

impl ExecControl for Running {
    fn resize(&self, _: TerminalSize) -> BoxFuture<'_, Result<(), RunnerError>> {
        async { Ok(()) }.boxed()
    }

    fn end(&self) -> BoxFuture<'_, Result<ProgramEnd, RunnerError>> {
        async {
            let ended = self.0.lock().await.wait().await;
            ended
                .map(|status| code(status).into())
                .map_err(RunnerError::host)
        }
        .boxed()
    }
}
