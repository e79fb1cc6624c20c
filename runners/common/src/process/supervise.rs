//! The supervisor of one app: records the app's output and exit.

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
    folder::{PLAN, ProcessFolder, STATE},
    id::ProcessId,
    lines,
    plan::{Plan, ProcessState},
};

/// Output of a supervisor whose app runs. Any other output is an error message.
pub(super) const STARTED: &str = "started";
/// Prefix of the error message when the program is at fault.
pub(super) const NOT_RUNNABLE: &str = "not runnable: ";

/// Starts the app of an instance and waits for its exit.
///
/// Reports the start on standard output.
///
/// A runner's program calls it when started with the arguments `supervise` and a folder, as
/// [`ProcessFolder::start`] starts it.
///
/// # Errors
/// When the app cannot be started, or its exit cannot be recorded.
pub fn supervise(folder: PathBuf) -> io::Result<()> {
    let supervised = supervise_app(&ProcessFolder::at(folder));
    supervised.inspect_err(|error| print_line(&error.to_string()))
}

fn supervise_app(folder: &ProcessFolder) -> io::Result<()> {
    let lock = folder.lock()?;
    let runs = folder
        .process_state()?
        .is_some_and(|process_state| process_state.app.is_alive());
    if runs || lock.is_none() {
        print_line(STARTED);
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
    let mut process_state = begun?;
    print_line(STARTED);

    let (reading, all_read) = mpsc::channel::<Infallible>();
    let (out, err) = (app.stdout.take(), app.stderr.take());
    lines::keep(out, LogStream::Stdout, Arc::clone(&log), reading.clone());
    lines::keep(err, LogStream::Stderr, log, reading);
    // Kill the rest of the app's group. The app stays unreaped until then, so its id is not
    // reused.
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(pid), ended)?;
    kill_process_group(pid, Signal::KILL).ok();
    let status = app.wait()?;
    // A process that left the group may hold the pipes forever.
    all_read.recv_timeout(Duration::from_secs(1)).ok();
    process_state.code = Some(code(status));
    folder.write(STATE, &process_state)
}

/// Records that the app runs.
fn begin(folder: &ProcessFolder, app: Pid, ports: Vec<PublishedPort>) -> io::Result<ProcessState> {
    let process_state = ProcessState {
        supervisor: ProcessId::of(getpid())?,
        app: ProcessId::of(app)?,
        started_at: lines::now(),
        ports,
        code: None,
    };
    folder.write(STATE, &process_state)?;
    Ok(process_state)
}

/// Returns the exit code; 128 + n when signal n ended it.
pub(super) fn code(status: ExitStatus) -> i64 {
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.map_or(0, i64::from)
}

fn print_line(what: &str) {
    // The runner may be gone.
    writeln!(io::stdout(), "{what}").ok();
}

/// Returns a free port of the host for each port.
///
/// Another program may take one first; the app then exits, and gets other ports at its restart.
fn free_ports(ports: &[Port]) -> io::Result<Vec<PublishedPort>> {
    // All are held until each has one, so that no two are the same.
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
                address: address?.into(),
            });
        }
    }
    Ok(free)
}
