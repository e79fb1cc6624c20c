//! Operations on an instance that is a process, for the methods of a runner.

use models::deployment::FailureCode;
use std::{
    fs::{self, File},
    io,
    path::Path,
    process::Stdio,
    time::Duration,
};

use futures::{Stream, TryStreamExt};
use rustix::process::Signal;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::{Instant, sleep},
};

use super::{
    exec,
    folder::{PLAN, ProcessFolder},
    id, lines,
    plan::Plan,
    supervise::{NOT_RUNNABLE, STARTED},
};
use crate::{ExecSession, InstanceKey, InstanceStats, LogStart, PlatformLine, RunnerError};

/// Interval between checks for the exit of an app that was told to stop.
const POLL: Duration = Duration::from_millis(10);

impl ProcessFolder {
    /// Starts the instance through a supervisor program.
    ///
    /// The program must call [`supervise`](super::supervise) with its second argument.
    ///
    /// # Errors
    /// `command_not_runnable` when the program is at fault, else the host's.
    pub async fn start(&self, supervisor: &Path) -> Result<(), RunnerError> {
        let mut command = id::program(supervisor);
        command.arg("supervise").arg(self.path());
        command.stdin(Stdio::null()).stderr(Stdio::null());
        command.stdout(Stdio::piped());
        let started = Command::from(command).spawn();
        let mut supervisor = started.map_err(RunnerError::host)?;
        let mut said = String::new();
        if let Some(stdout) = supervisor.stdout.take() {
            let reading = BufReader::new(stdout).read_line(&mut said).await;
            reading.map_err(RunnerError::host)?;
        }
        let said = said.trim_end();
        match said.strip_prefix(NOT_RUNNABLE) {
            _ if said == STARTED => Ok(()),
            Some(why) => {
                let message =
                    format!("The program could not be run: {why}. Check its path and permissions.");
                Err(RunnerError::user(FailureCode::CommandNotRunnable, message))
            }
            None => {
                let message = format!("The program failed to start: {said}.");
                Err(RunnerError::platform(FailureCode::NotStarted, message))
            }
        }
    }

    /// Stops the instance as its specification says, if it runs.
    ///
    /// # Errors
    /// When the host refuses.
    pub async fn stop(&self) -> Result<(), RunnerError> {
        let plan = self.read_if_there(PLAN).map_err(RunnerError::host)?;
        if let Some(Plan { spec, .. }) = plan {
            let grace = Duration::from_millis(spec.stop.grace_ms.into());
            let signal = id::signal(spec.stop.signal.unwrap_or_default());
            self.end(signal.unwrap_or(Signal::TERM), grace)
                .await
                .map_err(RunnerError::host)?;
        }
        Ok(())
    }

    /// Kills the instance and removes everything of it.
    ///
    /// # Errors
    /// When the host refuses.
    pub async fn remove(&self) -> Result<(), RunnerError> {
        let removing = async {
            // Nobody can start it while this lock is held.
            let _lock = self.end(Signal::KILL, Duration::ZERO).await?;
            match fs::remove_dir_all(self.path()) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            }
        };
        removing.await.map_err(RunnerError::host)
    }

    /// Returns its resource usage; `None` when it does not run.
    pub fn stats(&self, key: &InstanceKey) -> Option<InstanceStats> {
        let usage = self.process_state().ok().flatten()?.app.usage()?;
        Some(InstanceStats {
            key: *key,
            at: lines::now(),
            cpu_nanos: usage.cpu_nanos,
            memory_bytes: usage.memory_bytes,
            // All processes share the host's network, which is counted as a whole.
            network_received_bytes: 0,
            network_sent_bytes: 0,
            disk_read_bytes: usage.disk_read_bytes,
            disk_written_bytes: usage.disk_written_bytes,
        })
    }

    /// Streams its lines from a point on, then new ones until it exits.
    pub fn logs(
        &self,
        from: LogStart,
    ) -> impl Stream<Item = Result<PlatformLine, RunnerError>> + Send + use<> {
        lines::lines(self.clone(), from).map_err(RunnerError::host)
    }

    /// Runs a program beside the app, in its folder and with its environment.
    ///
    /// The program has no terminal and is killed when the session is dropped.
    ///
    /// # Errors
    /// `not_running` when the instance does not run, else the host's.
    pub fn exec<'a>(
        &self,
        program: &Path,
        arguments: impl Iterator<Item = &'a str>,
    ) -> Result<ExecSession, RunnerError> {
        let process_state = self.process_state().map_err(RunnerError::host)?;
        let process_state = process_state.filter(|process_state| process_state.state().is_up());
        let process_state = process_state.ok_or_else(|| {
            RunnerError::user(
                FailureCode::NotRunning,
                "The app is not running. Start it first.",
            )
        })?;
        let start = || {
            let Plan { spec, .. } = self.read(PLAN)?;
            let mut command = self.command(program, &spec, &process_state.ports);
            command.args(arguments);
            exec::start(command)
        };
        start().map_err(RunnerError::host)
    }

    /// Stops the app, if it runs.
    ///
    /// On return its supervisor is gone too, and none follows while the lock is held.
    async fn end(&self, by: Signal, grace: Duration) -> io::Result<Option<File>> {
        let until = Instant::now() + grace;
        let mut by = Some(by);
        loop {
            let lock = match self.lock() {
                // The instance is half made or gone.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                lock => lock?,
            };
            let app = self.process_state()?.map(|process_state| process_state.app);
            match app.filter(|app| app.is_alive()) {
                None if lock.is_some() => return Ok(lock),
                None => {}
                Some(app) if Instant::now() >= until => app.signal(Signal::KILL)?,
                Some(app) => by.take().map_or(Ok(()), |by| app.signal(by))?,
            }
            sleep(POLL).await;
        }
    }
}
