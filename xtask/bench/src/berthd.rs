//! A `berthd` for benchmarks, on free ports.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use xtask::{
    http::{self, Request},
    process, services,
};

use crate::Subject;

const START_DEADLINE: Duration = Duration::from_secs(30);
/// Polling interval: short compared to the measurement, but easy on the processor.
const POLL: Duration = Duration::from_millis(1);
const TIMEOUT: Duration = Duration::from_secs(30);

/// Mode of the server's own runner for this machine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ThisMachine {
    Auto,
    Off,
}

/// Configuration of a server.
pub(super) struct Plan {
    this_machine: ThisMachine,
    /// Port of an earlier server to reuse; `None` for any free port.
    port: Option<u16>,
    /// Settings besides those that all benchmarks share.
    settings: Vec<(&'static str, String)>,
}

impl Plan {
    /// Creates a plan with an administrator's defaults.
    pub(super) const fn new(this_machine: ThisMachine) -> Self {
        Self {
            this_machine,
            port: None,
            settings: Vec::new(),
        }
    }

    /// Reuses the port of an earlier server, so that its runners find it again.
    pub(super) const fn on(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Adds a setting.
    pub(super) fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.settings.push((key, value.to_string()));
        self
    }
}

/// The running server; dropping it ends it.
pub(super) struct Berthd {
    pub(super) port: u16,
    metrics: u16,
    /// Time from the start to the first response that reports readiness.
    pub(super) took: Duration,
    program: Program,
    log: PathBuf,
}

impl Berthd {
    /// Starts a server and waits until it is ready.
    pub(super) fn start(
        subject: &Subject<'_>,
        data: &Path,
        this_machine: ThisMachine,
    ) -> Result<Self> {
        Self::start_as(subject, data, Plan::new(this_machine))
    }

    /// Starts a server according to a plan and waits until it is ready.
    pub(super) fn start_as(subject: &Subject<'_>, data: &Path, plan: Plan) -> Result<Self> {
        let port = match plan.port {
            Some(port) => port,
            None => services::free_port()?,
        };
        let metrics = services::free_port()?;
        let mut command = process::command(subject.workspace, &subject.server);
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(data)
            .env("BERTH__SERVER__ADDRESS", format!("127.0.0.1:{port}"))
            .env("BERTH__METRICS__ADDRESS", format!("127.0.0.1:{metrics}"));
        if plan.this_machine == ThisMachine::Off {
            command.env("BERTH__RUNNER__THIS_MACHINE", "off");
        }
        command.envs(plan.settings);
        let log = subject.workspace.work_folder().join("bench-berthd.log");
        let started = Instant::now();
        let mut program = Program::start(command, &log)?;
        while !is_ready(port) {
            if started.elapsed() > START_DEADLINE || program.0.try_wait()?.is_some() {
                bail!("berthd did not become ready; see {}", log.display());
            }
            thread::sleep(POLL);
        }
        Ok(Self {
            port,
            metrics,
            took: started.elapsed(),
            program,
            log,
        })
    }

    /// Returns the process id.
    pub(super) fn pid(&self) -> u32 {
        self.program.pid()
    }

    /// Returns the value of a metric; `None` if the server does not report it yet.
    pub(super) fn metric(&self, name: &str) -> Result<Option<f64>> {
        let text = ask(self.metrics, &Request::get("/metrics"))?.text();
        let found = text.lines().find_map(|line| line.strip_prefix(name));
        found.map(|value| Ok(value.trim().parse()?)).transpose()
    }

    /// Kills the server, like a power failure would.
    pub(super) fn kill(mut self) -> Result<()> {
        self.program.0.kill()?;
        self.program.0.wait()?;
        Ok(())
    }

    /// Returns the set-up token, which the server prints before it becomes ready.
    pub(super) fn setup_token(&self) -> Result<String> {
        let said = fs::read_to_string(&self.log)?;
        said.split_once("/setup?token=")
            .and_then(|(_, rest)| rest.split_whitespace().next())
            .map(str::to_owned)
            .with_context(|| format!("no set-up link in {}", self.log.display()))
    }
}

fn is_ready(port: u16) -> bool {
    ask(port, &Request::get("/readyz")).is_ok_and(|response| response.status == 200)
}

/// Sends a request to the server on a port of this machine.
pub(super) fn ask(port: u16, request: &Request<'_>) -> Result<http::Response> {
    let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    // The head and the body are two writes, and the second one should not wait.
    stream.set_nodelay(true)?;
    http::exchange(stream, request)
}

/// A process that is terminated gracefully with its owner.
pub(super) struct Program(Child);

impl Program {
    /// Starts a process; its output goes into the log.
    pub(super) fn start(mut command: Command, log: &Path) -> Result<Self> {
        let out = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdout(out.try_clone()?).stderr(out);
        let name = process::describe(&command);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self(child))
    }

    /// Returns the process id.
    pub(super) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Returns the process's standard input, if the command was given a pipe.
    pub(super) fn input(&mut self) -> Option<ChildStdin> {
        self.0.stdin.take()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        // A failure cannot be reported here, and the kill follows anyway.
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
