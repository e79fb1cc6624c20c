//! The process that stays with an app: it writes down what the app prints and how it ends.

use std::{
    convert::Infallible,
    io::{self, Write},
    net::{Ipv4Addr, TcpListener, UdpSocket},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use models::{
    deployment::{LogStream, Port, PublishedPort, Transport},
    value::Argument,
};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, getpid, kill_process_group, setsid, waitid,
};

use super::{
    folder::{LIFE, PLAN, ProcessFolder},
    id::ProcessId,
    lines,
    plan::{Life, Plan},
};

/// What a supervisor says when its app runs. Anything else is what went wrong.
pub(super) const STARTED: &str = "started";
/// How it begins when the program is what is wrong.
pub(super) const NOT_RUNNABLE: &str = "not runnable: ";

/// Starts the app of an instance, says so on standard output, and stays until the app has ended.
///
/// A runner's program calls it when it is started with the arguments `supervise` and a folder, as
/// [`ProcessFolder::start`] starts it.
///
/// # Errors
/// When the app cannot be started, or its end cannot be written down.
pub fn supervise(folder: PathBuf) -> io::Result<()> {
    let supervised = stay_with_app(&ProcessFolder::at(folder));
    supervised.inspect_err(|error| tell(&error.to_string()))
}

fn stay_with_app(folder: &ProcessFolder) -> io::Result<()> {
    let lock = folder.lock()?;
    let runs = folder.life()?.is_some_and(|life| life.app.is_alive());
    if runs || lock.is_none() {
        tell(STARTED);
        return Ok(());
    }
    setsid()?;
    let Plan { program, spec } = folder.read(PLAN)?;
    let log = Arc::new(Mutex::new(lines::append(folder)?));
    let ports = free_ports(&spec.ports)?;
    let mut command = folder.command(&program, &spec, &ports);
    let arguments = spec.entrypoint.iter().skip(1).chain(&spec.arguments);
    command.args(arguments.map(Argument::as_str));
    command.process_group(0).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut app = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::OutOfMemory => error,
        _ => io::Error::other(format!("{NOT_RUNNABLE}{error}")),
    })?;
    let pid = Pid::from_child(&app);
    let begun = begin(folder, pid, ports).inspect_err(|_| {
        kill_process_group(pid, Signal::KILL).ok();
    });
    let mut life = begun?;
    tell(STARTED);

    let (reading, all_read) = mpsc::channel::<Infallible>();
    let (out, err) = (app.stdout.take(), app.stderr.take());
    lines::keep(out, LogStream::Stdout, Arc::clone(&log), reading.clone());
    lines::keep(err, LogStream::Stderr, log, reading);
    // What the app has started goes with it. Until it is waited for, nobody else gets its id.
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(pid), ended)?;
    kill_process_group(pid, Signal::KILL).ok();
    let status = app.wait()?;
    // Something that left the group may hold the pipes for ever.
    all_read.recv_timeout(Duration::from_secs(1)).ok();
    life.code = Some(code(status));
    folder.write(LIFE, &life)
}

/// Writes down that the app runs.
fn begin(folder: &ProcessFolder, app: Pid, ports: Vec<PublishedPort>) -> io::Result<Life> {
    let life = Life {
        supervisor: ProcessId::of(getpid())?,
        app: ProcessId::of(app)?,
        started_at: lines::now(),
        ports,
        code: None,
    };
    folder.write(LIFE, &life)?;
    Ok(life)
}

/// The exit code; 128 + n when signal n ended it.
pub(super) fn code(status: ExitStatus) -> i64 {
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.map_or(0, i64::from)
}

fn tell(what: &str) {
    // The runner may be gone.
    writeln!(io::stdout(), "{what}").ok();
}

/// For each port one that is free now. Another program may be faster; the app then ends, and gets
/// others when it is started again.
fn free_ports(ports: &[Port]) -> io::Result<Vec<PublishedPort>> {
    // All are held until each has one, so that no two get the same.
    let (mut listeners, mut sockets) = (Vec::new(), Vec::new());
    let mut free = Vec::new();
    for port in ports {
        let address = match port.protocol.transport() {
            Transport::Tcp => {
                listeners.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
                listeners.last().map(TcpListener::local_addr)
            }
            Transport::Udp => {
                sockets.push(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
                sockets.last().map(UdpSocket::local_addr)
            }
        };
        if let Some(address) = address {
            free.push(PublishedPort {
                port: *port,
                address: address?.to_string(),
            });
        }
    }
    Ok(free)
}
