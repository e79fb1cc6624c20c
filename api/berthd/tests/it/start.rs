//! Start of the server: file permissions, refusals to start, and messages.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use api::{
    app::{App, StartError},
    clock::Clock,
    config::Sources,
    db::OpenError,
    seal::KeyError,
};
use harness::eventually;
use tempfile::TempDir;
use tokio::net::TcpStream;

const BERTHD: &str = env!("CARGO_BIN_EXE_berthd");

/// Opens a server's parts as the program does.
async fn open(folder: &Path) -> Result<App, StartError> {
    let sources = Sources {
        file: None,
        data_dir: Some(folder.to_owned()),
        variables: Vec::new(),
    };
    App::open(sources.load().unwrap(), Clock::system()).await
}

/// Opens a server once and closes it again.
async fn start_once(folder: &Path) {
    open(folder).await.unwrap().db.close().await;
}

/// A missing data folder, in a folder that is removed with the test.
fn data_folder() -> (TempDir, PathBuf) {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("data");
    (parent, folder)
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn everything_in_the_data_folder_is_its_owners_alone() {
    let (_parent, folder) = data_folder();
    let app = open(&folder).await.unwrap();
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() >= 6, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    app.db.close().await;
}

#[tokio::test]
async fn a_data_folder_that_others_may_enter_is_refused() {
    let (_parent, folder) = data_folder();
    fs::create_dir(&folder).unwrap();
    for mode in [0o755, 0o750, 0o701] {
        set_mode(&folder, mode);
        let error = open(&folder).await.unwrap_err();
        assert!(matches!(error, StartError::FolderTooOpen(_)), "{error}");
        let command = format!("chmod 700 {}", folder.display());
        assert!(error.to_string().contains(&command), "{error}");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }
    set_mode(&folder, 0o700);
    start_once(&folder).await;
}

#[tokio::test]
async fn a_database_whose_key_was_lost_gets_no_other_one() {
    let (_parent, folder) = data_folder();
    start_once(&folder).await;
    let key = folder.join("master.key");
    let kept = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    let error = open(&folder).await.unwrap_err();
    let is_missing = matches!(error, StartError::Key(KeyError::Missing(_)));
    assert!(is_missing && !key.exists(), "{error}");
    fs::write(&key, kept).unwrap();
    set_mode(&key, 0o600);
    start_once(&folder).await;
}

#[tokio::test]
async fn an_emptied_database_is_not_mistaken_for_a_new_one() {
    let (_parent, folder) = data_folder();
    start_once(&folder).await;
    File::create(folder.join("berth.db")).unwrap();
    let error = open(&folder).await.unwrap_err();
    let is_lost = matches!(error, StartError::Database(OpenError::Lost(_)));
    assert!(is_lost, "{error}");
}

/// The program, which ends with the test.
struct Program {
    child: Child,
    address: SocketAddr,
    _parent: TempDir,
}

impl Program {
    fn serve(stdout: Stdio, stderr: Stdio) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let (parent, folder) = data_folder();
        let child = berthd(&folder)
            .arg("serve")
            .env("BERTH__SERVER__ADDRESS", address.to_string())
            .env("BERTH__METRICS__ADDRESS", "off")
            .env("BERTH__RUNNER__THIS_MACHINE", "off")
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .unwrap();
        Self {
            child,
            address,
            _parent: parent,
        }
    }

    async fn answers(&mut self) {
        eventually("the server answers", async || {
            assert_eq!(self.child.try_wait().unwrap(), None, "it ended");
            TcpStream::connect(self.address).await.ok()
        })
        .await;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn berthd(folder: &Path) -> Command {
    let mut command = Command::new(BERTHD);
    command.arg("--data-dir").arg(folder).current_dir("/");
    command
}

fn full() -> Stdio {
    File::options()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_standard_output_refuses_goes_to_standard_error() {
    let words = TempDir::new().unwrap();
    let log = words.path().join("log");
    let mut program = Program::serve(full(), File::create(&log).unwrap().into());
    program.answers().await;
    eventually("the link is told", async || {
        let printed = fs::read_to_string(&log).unwrap();
        assert!(!printed.contains("panicked"), "{printed}");
        printed.contains("/setup?token=").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_readers_of_its_output_serves_on() {
    let mut program = Program::serve(full(), full());
    program.answers().await;
    // Pipes whose other end is closed.
    let mut program = Program::serve(Stdio::piped(), Stdio::piped());
    drop((program.child.stdout.take(), program.child.stderr.take()));
    program.answers().await;
}

#[test]
fn a_failed_write_to_the_terminal_does_not_panic() {
    let (_parent, folder) = data_folder();
    let run = |argument: &str, stdout: Stdio| {
        let mut command = berthd(&folder);
        let run = command.arg(argument).stdout(stdout).stderr(Stdio::piped());
        let output = run.spawn().unwrap().wait_with_output().unwrap();
        let printed = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!printed.contains("panicked"), "{printed}");
        (output.status.code(), printed)
    };
    let (code, printed) = run("check-config", full());
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("No space left"), "{printed}");
    for argument in ["--help", "--version"] {
        assert_eq!(run(argument, full()).0, Some(0), "{argument}");
    }
    assert_eq!(run("no-such-command", Stdio::null()).0, Some(2));
}
