//! Programs inside an instance: a three-command shell, and the suite's others.

use futures::{FutureExt, future::BoxFuture, stream};
use models::{deployment::FailureCode, exec::TerminalSize, value::Argument};
use tokio::{
    io::{AsyncReadExt, DuplexStream, duplex, sink},
    sync::{mpsc, watch},
};
use tokio_util::task::AbortOnDropHandle;

use super::FakePlatform;
use crate::{
    conformance::{ECHO, FALSE, SHELL, TRUE, YES},
    platform::{Exec, ExecControl, ExecSession, ProgramEnd, RunnerError},
    task,
};

/// Key that ends the foreground program of a terminal.
const INTERRUPT: u8 = 3;
/// Key that ends the input of a terminal.
const END: u8 = 4;
/// Exit code of a killed program.
const KILLED: i64 = 137;
/// Bytes that a pipe takes before its writer waits.
const PIPE: usize = 4096;

/// Starts a program; returns the guard that keeps it running too.
pub(super) fn start(
    platform: &FakePlatform,
    exec: &Exec,
) -> Result<(ExecSession, AbortOnDropHandle<()>), RunnerError> {
    let mut arguments = exec.command.iter().map(Argument::as_str);
    let name = arguments.next().unwrap_or_default();
    if ![ECHO, FALSE, SHELL, TRUE, YES].contains(&name) {
        let message = format!("There is no program {name}.");
        return Err(RunnerError::user(FailureCode::CommandNotFound, message));
    }
    let (keyboard, input) = duplex(PIPE);
    let (pipe, printed) = mpsc::channel(1);
    let (size, terminal) = watch::channel(exec.terminal);
    let (code, ended) = watch::channel(None);
    let program = Program {
        printer: Printer {
            platform: platform.clone(),
            pipe,
        },
        input,
        terminal,
    };
    let is_short = platform.state().faults.out_of_memory;
    let counted = platform.state().programs.clone();
    let (name, rest) = (name.to_owned(), arguments.collect::<Vec<_>>().join(" "));
    let running = task::spawn_owned(async move {
        let end = if is_short {
            ProgramEnd {
                code: KILLED,
                oom_killed: true,
            }
        } else {
            program.run(&name, &rest).await.into()
        };
        code.send_replace(Some(end));
        drop(counted);
    });
    let output = stream::unfold(printed, async |mut printed| {
        let bytes: Vec<u8> = printed.recv().await?;
        Some((Ok(bytes), printed))
    });
    let session = ExecSession {
        input: match exec.terminal {
            Some(_) => Box::pin(keyboard),
            None => Box::pin(sink()),
        },
        output: Box::pin(output),
        control: Box::new(Control { size, ended }),
    };
    Ok((session, running))
}

struct Control {
    size: watch::Sender<Option<TerminalSize>>,
    ended: watch::Receiver<Option<ProgramEnd>>,
}

impl ExecControl for Control {
    fn resize(&self, size: TerminalSize) -> BoxFuture<'_, Result<(), RunnerError>> {
        self.size.send_replace(Some(size));
        std::future::ready(Ok(())).boxed()
    }

    fn end(&self) -> BoxFuture<'_, Result<ProgramEnd, RunnerError>> {
        let mut ended = self.ended.clone();
        async move {
            let code = ended.wait_for(Option::is_some).await;
            Ok(code
                .ok()
                .and_then(|code| *code)
                .unwrap_or_else(|| KILLED.into()))
        }
        .boxed()
    }
}

struct Program {
    printer: Printer,
    input: DuplexStream,
    terminal: watch::Receiver<Option<TerminalSize>>,
}

impl Program {
    async fn run(mut self, name: &str, arguments: &str) -> i64 {
        match name {
            TRUE => 0,
            FALSE => 1,
            ECHO => {
                self.printer.print(format!("{arguments}\n")).await;
                0
            }
            YES => self.printer.flood().await,
            _ => self.shell().await,
        }
    }

    /// Echoes input and runs it line by line.
    async fn shell(&mut self) -> i64 {
        let mut line = String::new();
        loop {
            let Ok(byte) = self.input.read_u8().await else {
                return KILLED;
            };
            match byte {
                END if line.is_empty() => return 0,
                INTERRUPT => line.clear(),
                b'\r' | b'\n' => {
                    self.printer.print("\r\n").await;
                    if let Some(code) = self.follow(&std::mem::take(&mut line)).await {
                        return code;
                    }
                }
                typed => {
                    self.printer.print([typed]).await;
                    line.push(char::from(typed));
                }
            }
        }
    }

    /// Runs a line; returns the exit code if the line ends the shell.
    async fn follow(&mut self, line: &str) -> Option<i64> {
        let Self {
            printer,
            input,
            terminal,
        } = self;
        if let Some(code) = line.strip_prefix("exit ") {
            return Some(code.parse().unwrap_or(2));
        }
        match line {
            "stty size" => {
                let size = terminal.borrow().unwrap_or_default();
                printer
                    .print(format!("{} {}\r\n", size.rows, size.columns))
                    .await;
            }
            "yes" => tokio::select! {
                code = printer.flood() => return Some(code),
                () = interrupted(input) => {}
            },
            _ => {
                printer.print(format!("{line}: not found\r\n")).await;
            }
        }
        None
    }
}

async fn interrupted(input: &mut DuplexStream) {
    while let Ok(byte) = input.read_u8().await {
        if byte == INTERRUPT {
            return;
        }
    }
}

struct Printer {
    platform: FakePlatform,
    pipe: mpsc::Sender<Vec<u8>>,
}

impl Printer {
    /// Prints bytes; returns true while someone reads.
    async fn print(&self, bytes: impl Into<Vec<u8>>) -> bool {
        let bytes = bytes.into();
        let length = bytes.len();
        let read = self.pipe.send(bytes).await.is_ok();
        self.platform.state().printed += length;
        read
    }

    /// Prints while someone reads.
    async fn flood(&self) -> i64 {
        while self.print(b"y\n".repeat(512)).await {
            tokio::task::yield_now().await;
        }
        KILLED
    }
}
