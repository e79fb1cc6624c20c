//! Child processes: always an argument list, never a shell.

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

/// Number of output lines of a failed program that its error includes.
const TAIL_LINES: usize = 20;
const TICK: Duration = Duration::from_millis(500);

/// Observer of a running program.
pub trait Watcher {
    /// Called with each line of output.
    fn line(&mut self, line: &str);
    /// Called from time to time.
    fn tick(&mut self) {}
}

/// Prepares a program to run in the repository's root, with [`Workspace::path`].
pub fn command(workspace: &Workspace, program: impl AsRef<OsStr>) -> Command {
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

/// Returns the output of a program, without the last line break.
///
/// # Errors
/// If the program fails.
pub fn capture(mut command: Command) -> Result<String> {
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

/// True if the program succeeds; its output is discarded.
pub fn succeeds(command: Command) -> bool {
    capture(command).is_ok()
}

/// Runs a program, writes its output to `<log>.log` and passes it to the watcher.
///
/// # Errors
/// If the program cannot be started or does not succeed; the message includes the end of its
/// output.
pub fn run(
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

/// Result of a program.
pub struct Finished {
    /// True if it exited with code 0.
    pub is_success: bool,
    /// File with the whole output.
    pub log: PathBuf,
    /// Last lines of the output.
    pub tail: String,
}

/// Runs a program like [`run`], but returns its failure as a result.
pub fn run_to_end(
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
    // Drops our copies of the pipe's writing end: the reader never ends while one is open.
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
            // A daemon left behind may hold the pipe open, but the program itself has ended.
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

/// Formats the program and its arguments as one would type them.
pub fn describe(command: &Command) -> String {
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
    fn programs_do_not_see_cargos_package_variables() {
        let workspace = Workspace::find().unwrap();
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some());
        let environment = capture(command(&workspace, "env")).unwrap();
        assert!(environment.contains("PATH="));
        assert!(!environment.contains("CARGO_PKG_"), "{environment}");
    }

    #[test]
    fn a_failure_names_the_program_and_shows_its_output() {
        let workspace = Workspace::find().unwrap();
        let mut command = command(&workspace, "ls");
        command.arg("/no/such/folder");
        let error = run(&workspace, command, "test-failure", &mut Lines(Vec::new())).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("ls /no/such/folder failed"), "{text}");
        assert!(text.contains("No such file"), "{text}");
    }
}
