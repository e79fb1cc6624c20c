//! The bytes of a terminal, straight from the engine's socket.
//!
//! Bollard's own reader looks for the engine's frames in a terminal's output, which has none. A
//! program that prints `\x01` and a large number would then make it buffer gigabytes.

use models::deployment::FailureCode;
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::{Stream, stream};
use runner_common::RunnerError;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    runtime::Handle,
};

use super::{control::Control, terminal_input::TerminalInput};

/// Most bytes of the response before the terminal's own begin.
const MAX_HEAD: usize = 16 * 1024;
/// Most bytes per read.
const PIECE: usize = 8 * 1024;

/// Starts a program that was created with a terminal.
///
/// The caller may be canceled: the engine starts the program in any case, so a task of its own
/// waits for the answer, and hangs up when nobody wants the program any more.
///
/// # Errors
/// When the engine refuses or does not answer.
pub(super) async fn start(
    socket: &Path,
    program: Control,
) -> Result<
    (
        TerminalInput,
        impl Stream<Item = Result<Vec<u8>, RunnerError>> + use<>,
    ),
    RunnerError,
> {
    let socket = socket.to_owned();
    let attaching = Handle::current().spawn(attach(socket, program));
    let broken = |error| {
        RunnerError::platform(
            FailureCode::DockerSilent,
            "The terminal could not be opened. Try again.",
        )
        .with_source(error)
    };
    let input = attaching.await.map_err(broken)??;
    let printed = printed(input.stream());
    Ok((input, printed))
}

async fn attach(socket: PathBuf, program: Control) -> Result<TerminalInput, RunnerError> {
    let mut stream = UnixStream::connect(socket).await.map_err(silent)?;
    let body = r#"{"Detach":false,"Tty":true}"#;
    let request = format!(
        "POST {}/exec/{}/start HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n\
         Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {}\r\n\r\n{body}",
        program.api(),
        program.id(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.map_err(silent)?;
    let head = head(&mut stream).await.map_err(silent)?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if !matches!(status, "101" | "200") {
        let message =
            format!("The Docker Engine did not open the terminal (status {status}). Try again.");
        return Err(RunnerError::platform(FailureCode::DockerRefused, message));
    }
    Ok(TerminalInput::new(Arc::new(stream), program))
}

/// Reads the response's head, up to the empty line.
///
/// The following bytes are the terminal's, so not one more is read.
async fn head(stream: &mut UnixStream) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() == MAX_HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Streams the terminal's output.
fn printed(stream: Arc<UnixStream>) -> impl Stream<Item = Result<Vec<u8>, RunnerError>> + use<> {
    stream::try_unfold(stream, async |stream| {
        let mut piece = vec![0; PIECE];
        let read = read(&stream, &mut piece).await.map_err(silent)?;
        piece.truncate(read);
        Ok((read > 0).then_some((piece, stream)))
    })
}

async fn read(stream: &UnixStream, piece: &mut [u8]) -> io::Result<usize> {
    loop {
        stream.readable().await?;
        match stream.try_read(piece) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            read => return read,
        }
    }
}

fn silent(error: io::Error) -> RunnerError {
    let message = "The Docker Engine is not responding. Check that it is running.";
    RunnerError::platform(FailureCode::DockerSilent, message).with_source(error)
}
