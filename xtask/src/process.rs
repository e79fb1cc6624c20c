//! Starting programs: always an argument list, never a shell.

use std::{
    collections::VecDeque,
    ffi::OsStr,
    fs::File,
    io::{self, BufRead, BufReader, PipeReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::workspace::{self, Workspace};

/// How much of a failed program's output goes into the error.
const TAIL_LINES: usize = 20;
const TICK: Duration = Duration::from_millis(500);

/// What a program may tell its starter while it runs.
pub(crate) trait Watcher {
    /// It printed a line.
    fn line(&mut self, line: &str);
    /// Some time has passed.
    fn tick(&mut self) {}
}

/// Prepares a program to run in the repository's root, with our PATH.
pub(crate) fn command(workspace: &Workspace, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(workspace.root())
        .env("PATH", workspace.path())
        .stdin(Stdio::null());
    for name in workspace::own_package() {
        command.env_remove(name);
    }
    command
}

/// What a program prints, without the last line break; an error if it fails.
pub(crate) fn capture(mut command: Command) -> Result<String> {
    let name = describe(&command);
    let output = command
        .output()
        .with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{name} failed ({}): {}", output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}

/// Whether a program ends well; what it prints is dropped.
pub(crate) fn succeeds(command: Command) -> bool {
    capture(command).is_ok()
}

/// Runs a program, keeps its output in `<log>.log` and shows it to the watcher.
///
/// # Errors
/// When it cannot be started or ends with anything but success; the end of its output is in
/// the message.
pub(crate) fn run(
    workspace: &Workspace,
    command: Command,
    log: &str,
    watcher: &mut dyn Watcher,
) -> Result<()> {
    let name = describe(&command);
    let finished = run_to_end(workspace, command, log, watcher)?;
    if !finished.is_success {
        bail!(
            "{name} failed. The end of {}:\n{}",
            finished.log.display(),
            finished.tail
        );
    }
    Ok(())
}

/// How a program ended.
pub(crate) struct Finished {
    pub(crate) is_success: bool,
    /// The whole output.
    pub(crate) log: PathBuf,
    /// The last lines of the output.
    pub(crate) tail: String,
}

/// Like [`run`], but a failure of the program is a result and no error.
pub(crate) fn run_to_end(
    workspace: &Workspace,
    mut command: Command,
    log: &str,
    watcher: &mut dyn Watcher,
) -> Result<Finished> {
    let name = describe(&command);
    let log = workspace.work_folder().join(format!("{log}.log"));
    let mut file = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    writeln!(file, "{name}")?;

    let (reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    // Our copies of the pipe's writing end: while they are open the reader never ends.
    drop(command);

    let lines = lines_of(reader);
    let mut tail = VecDeque::with_capacity(TAIL_LINES);
    loop {
        match lines.recv_timeout(TICK) {
            Ok(line) => {
                writeln!(file, "{line}")?;
                watcher.line(&line);
                if tail.len() == TAIL_LINES {
                    tail.pop_front();
                }
                tail.push_back(line);
            }
            // A daemon that it left behind may hold the pipe open; the program itself is done.
            Err(RecvTimeoutError::Timeout) if child.try_wait()?.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        watcher.tick();
    }
    let status = child.wait()?;
    Ok(Finished {
        is_success: status.success(),
        log,
        tail: Vec::from(tail).join("\n"),
    })
}

/// The program and its arguments as one would type them.
pub(crate) fn describe(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn lines_of(reader: PipeReader) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while let Ok(1..) = reader.read_until(b'\n', &mut line) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Lines(Vec<String>);

    impl Watcher for Lines {
        fn line(&mut self, line: &str) {
            self.0.push(line.to_owned());
        }
    }

    #[test]
    fn the_output_of_a_program_reaches_the_watcher_and_the_log() {
        let workspace = Workspace::find().unwrap();
        let mut command = command(&workspace, "printf");
        command.arg("one\\ntwo\\n");
        let mut lines = Lines(Vec::new());
        run(&workspace, command, "test-output", &mut lines).unwrap();
        assert_eq!(lines.0, ["one", "two"]);
        let log = workspace.work_folder().join("test-output.log");
        assert_eq!(
            std::fs::read_to_string(log).unwrap(),
            "printf one\\ntwo\\n\none\ntwo\n"
        );
    }

    #[test]
    fn programs_are_not_told_of_our_own_package() {
        let workspace = Workspace::find().unwrap();
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some());
        let environment = capture(command(&workspace, "env")).unwrap();
        assert!(environment.contains("PATH="));
        assert!(!environment.contains("CARGO_PKG_"), "{environment}");
    }

    #[test]
    fn a_failure_says_which_program_and_what_it_said() {
        let workspace = Workspace::find().unwrap();
        let mut command = command(&workspace, "ls");
        command.arg("/no/such/folder");
        let error = run(&workspace, command, "test-failure", &mut Lines(Vec::new())).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("ls /no/such/folder failed"), "{text}");
        assert!(text.contains("No such file"), "{text}");
    }
}
