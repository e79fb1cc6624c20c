//! A Docker Engine: a running one, or else one that we install and start.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    docker::engine::{Answer, Engine},
    process,
    progress::{Line, Outcome},
    setup::system,
    workspace::Workspace,
};

/// Time limit of the start.
///
/// It takes three seconds here; a slow disk may need much longer the first time.
const START_DEADLINE: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(200);
/// Folder that exists if systemd is the service manager.
const SYSTEMD: &str = "/run/systemd/system";

/// Makes sure that an engine answers.
///
/// Without one, Berth works, but runs nothing on this machine.
pub fn engine(workspace: &Workspace, line: &mut Line) -> Outcome {
    let engine = Engine::find();
    let reason = match engine.ping() {
        Answer::Yes => return Outcome::Ready,
        Answer::Forbidden => {
            return Outcome::Skipped(
                "this user has no access to the Docker Engine. Add it to the `docker` group (`sudo \
                 usermod --append --groups docker $USER`), sign in again and rerun this command"
                    .to_owned(),
            );
        }
        Answer::Nothing(reason) => reason,
    };
    if !engine.is_default() {
        return Outcome::Skipped(format!("{reason}. Check DOCKER_HOST"));
    }
    if !system::is_root() {
        return Outcome::Skipped(format!(
            "{reason}. Start Docker (`sudo systemctl start docker`) or install it (on Debian and \
             Ubuntu: `sudo apt-get install docker.io`), then rerun this command"
        ));
    }
    match install_and_start(workspace, &engine, line) {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Skipped(format!("{error:#}")),
    }
}

fn install_and_start(workspace: &Workspace, engine: &Engine, line: &mut Line) -> Result<()> {
    system::install(workspace, &[system::DOCKER, system::IPTABLES], line)?;
    if matches!(engine.ping(), Answer::Yes) {
        return Ok(());
    }
    line.note("starting");
    if Path::new(SYSTEMD).exists() {
        let mut command = process::command(workspace, "systemctl");
        command.args(["start", "docker"]);
        process::run(workspace, command, "docker-start", line)?;
        return wait(engine, || Ok(()));
    }
    start_daemon(workspace, engine)
}

/// Starts the daemon so that it outlives this process.
fn start_daemon(workspace: &Workspace, engine: &Engine) -> Result<()> {
    // Not among the other logs, which are removed with the build folder: the daemon keeps
    // running.
    let log = Path::new("/var/log/dockerd.log");
    let out = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut command = process::command(workspace, "dockerd");
    command
        .current_dir("/")
        .stdout(out.try_clone()?)
        .stderr(out)
        // Keeps Ctrl-C in this terminal away from the daemon.
        .process_group(0);
    let mut daemon = command.spawn().context("cannot start dockerd")?;
    wait(engine, || match daemon.try_wait()? {
        None => Ok(()),
        Some(status) => {
            let text = fs::read_to_string(log).unwrap_or_default();
            let last = text.lines().last().unwrap_or_default();
            bail!(
                "dockerd exited ({status}): {last}. See its log: {}",
                log.display()
            )
        }
    })
}

fn wait(engine: &Engine, mut check: impl FnMut() -> Result<()>) -> Result<()> {
    let deadline = Instant::now() + START_DEADLINE;
    loop {
        match engine.ping() {
            Answer::Yes => return Ok(()),
            Answer::Forbidden => bail!("the Docker Engine denies access to this user"),
            Answer::Nothing(reason) if Instant::now() >= deadline => bail!("{reason}"),
            Answer::Nothing(_) => check()?,
        }
        thread::sleep(POLL);
    }
}
