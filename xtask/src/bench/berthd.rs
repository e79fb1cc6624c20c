//! A `berthd` of our own, on free ports.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    bench::Subject,
    http::{self, Request},
    process, services,
};

const START_DEADLINE: Duration = Duration::from_secs(30);
/// Short beside what is measured, long enough to leave the processor to the server.
const POLL: Duration = Duration::from_millis(1);
const TIMEOUT: Duration = Duration::from_secs(30);

/// Whether the server runs apps on this machine itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ThisMachine {
    Auto,
    Off,
}

/// The running server; dropping it ends it.
pub(super) struct Berthd {
    pub(super) port: u16,
    /// From its start to the first answer that says that it is ready.
    pub(super) took: Duration,
    program: Program,
    log: PathBuf,
}

impl Berthd {
    /// Starts it and waits until it is ready.
    pub(super) fn start(
        subject: &Subject<'_>,
        data: &Path,
        this_machine: ThisMachine,
    ) -> Result<Self> {
        let port = services::free_port()?;
        let metrics = services::free_port()?;
        let mut command = process::command(subject.workspace, &subject.server);
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(data)
            .env("BERTH__SERVER__ADDRESS", format!("127.0.0.1:{port}"))
            .env("BERTH__METRICS__ADDRESS", format!("127.0.0.1:{metrics}"));
        if this_machine == ThisMachine::Off {
            command.env("BERTH__RUNNER__THIS_MACHINE", "off");
        }
        let log = subject.workspace.work_folder().join("bench-berthd.log");
        let started = Instant::now();
        let mut program = Program::start(command, &log)?;
        while !is_ready(port) {
            if started.elapsed() > START_DEADLINE || program.0.try_wait()?.is_some() {
                bail!("berthd does not become ready, see {}", log.display());
            }
            thread::sleep(POLL);
        }
        Ok(Self {
            port,
            took: started.elapsed(),
            program,
            log,
        })
    }

    /// The number of its process.
    pub(super) fn pid(&self) -> u32 {
        self.program.pid()
    }

    /// The one-time token, which it prints before it becomes ready.
    pub(super) fn setup_token(&self) -> Result<String> {
        let said = fs::read_to_string(&self.log)?;
        said.split_once("/setup?token=")
            .and_then(|(_, rest)| rest.split_whitespace().next())
            .map(str::to_owned)
            .with_context(|| format!("there is no set-up link in {}", self.log.display()))
    }
}

fn is_ready(port: u16) -> bool {
    ask(port, &Request::get("/readyz")).is_ok_and(|response| response.status == 200)
}

/// Asks the server on a port of this machine.
pub(super) fn ask(port: u16, request: &Request<'_>) -> Result<http::Response> {
    let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    // The head and the body are two writes, and the second one should not wait.
    stream.set_nodelay(true)?;
    http::exchange(stream, request)
}

/// A process that ends with its owner, in order.
pub(super) struct Program(Child);

impl Program {
    /// Starts it; what it prints goes into the log.
    pub(super) fn start(mut command: Command, log: &Path) -> Result<Self> {
        let out = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdout(out.try_clone()?).stderr(out);
        let name = process::describe(&command);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self(child))
    }

    /// The number of its process.
    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A failure here has no one to hear of it, and there is always the kill.
        let asked = Command::new("kill")
            .arg(self.0.id().to_string())
            .stdin(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !asked {
            let _ = self.0.kill();
        }
        let _ = self.0.wait();
    }
}
