//! `kill -9` at any moment loses no acknowledged write of the embedded database.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use tokio::task::JoinSet;

use super::{Commit, Db, execute, fetch_all};

/// The variable that tells the other process which folder to write to.
const FOLDER: &str = "BERTH_TEST_CRASH_FOLDER";
/// The number of writes after which each process is killed.
const WRITES: [usize; 3] = [1, 40, 300];

/// The number of concurrent writers, so that some transactions share a commit.
const WRITERS: usize = 4;

/// The other process: prints each acknowledged write, until it is killed.
#[tokio::test]
#[ignore = "run by kill_nine_loses_no_acknowledged_write in a process of its own"]
async fn writes_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let db = Db::open_sqlite(Path::new(&folder)).await.unwrap();
    let rows = fetch_all!(db, (String,), "SELECT name FROM setting").unwrap();
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let db = db.clone();
        let numbers = rows.len()..;
        writers.spawn(async move {
            for number in numbers {
                let writing = db.write(async |tx| {
                    let sql = "INSERT INTO setting (name, value) VALUES ($1, $1)";
                    execute!(tx, sql, format!("write {writer} {number}")).map(Commit)
                });
                writing.await.unwrap();
                let mut output = std::io::stdout().lock();
                writeln!(output, "write {writer} {number}").unwrap();
                output.flush().unwrap();
            }
        });
    }
    writers.join_all().await;
}

#[tokio::test]
async fn kill_nine_loses_no_acknowledged_write() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeSet::new();
    for writes in WRITES {
        acknowledged.extend(write_and_kill(folder.path(), writes));
        // The killed process's lock is gone with it; otherwise this would be refused.
        let db = Db::open_sqlite(folder.path()).await.unwrap();
        let rows = fetch_all!(db, (String,), "SELECT name FROM setting").unwrap();
        let kept: BTreeSet<_> = rows.into_iter().map(|(name,)| name).collect();
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(
            lost.is_empty(),
            "{lost:?} of {} were lost",
            acknowledged.len()
        );
        db.close().await;
    }
}

/// The writes that were acknowledged to a process before it was killed.
fn write_and_kill(folder: &Path, writes: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash_tests::writes_until_killed",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    while acknowledged.len() < writes {
        let line = lines
            .next()
            .expect("the other process writes until it is killed")
            .unwrap();
        acknowledged.extend(line.starts_with("write ").then_some(line));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // Lines that it printed before the signal arrived count too; the last line may be cut off.
    let mut rest: Vec<_> = lines.map_while(Result::ok).collect();
    rest.pop();
    acknowledged.extend(rest);
    acknowledged
}
