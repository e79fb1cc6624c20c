//! Time from a container's output to a page, compared to the engine's own log.
//!
//! Both are followed at the same time, and every line is counted: the run fails if a line is
//! missing, repeated or out of order.

mod count;
mod socket;

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xtask::{docker::engine::Engine, http::Request, progress::Line, services::Folder};

use self::count::Count;
use crate::{
    Subject,
    api::{Api, text},
    berthd::{self, Berthd, ThisMachine},
    deploy::berth::Arm,
    memory, proc,
    report::{Table, ratio},
    sample::Sample,
};

pub(super) use socket::Socket;

const ROUNDS: u32 = 5;
/// Number of lines that the app prints in one round, at once.
///
/// All rounds together stay below the size of one log file of the engine. When Docker Engine
/// 20.10 begins another file, it repeats lines to followers, then loses some; both measurements
/// are affected.
const LINES: u32 = 50_000;
/// Time after which missing lines count as lost.
const DEADLINE: Duration = Duration::from_mins(1);
/// Time after which the job that merges lines has done its part.
const SETTLE: Duration = Duration::from_secs(5);

/// Lets an app print, and waits for its lines from both sources.
pub(super) fn measure(subject: &Subject<'_>, line: &mut Line) -> Result<Table> {
    line.note("an empty database");
    let before = empty(subject)?;
    let folder = Folder::create("bench-logs")?;
    let server = Berthd::start(subject, folder.path(), ThisMachine::Off)?;
    let api = Api::set_up(&server)?;
    let runner = memory::start_runner(subject, &server, &api)?;
    let arm = Arm::new(&subject.engine, &api, memory::RUNNER)?;
    let run = arm.deploy("printer")?;
    let app = App {
        path: format!("{}/log", run.path),
        container: text(&run.container, "/Id")?,
        port: text(
            &run.container,
            "/NetworkSettings/Ports/8080~1tcp/0/HostPort",
        )?
        .parse()?,
    };

    line.note("warming up");
    app.round(&subject.engine, &api)?;
    let pids = [server.pid(), runner.pid()];
    let [server_before, runner_before] = pids.map(proc::time);
    let mut rounds = Vec::new();
    for round in 1..=ROUNDS {
        line.note(&format!("round {round} of {ROUNDS}"));
        rounds.push(app.round(&subject.engine, &api)?);
    }
    let [server_cpu, runner_cpu] = pids.map(proc::time);
    let server_cpu = server_cpu?.saturating_sub(server_before?);
    let runner_cpu = runner_cpu?.saturating_sub(runner_before?);
    thread::sleep(SETTLE);
    arm.delete(&run)?;
    // Deleted data leaves free space in the file, and a server that has ended leaves one file.
    drop((runner, server));
    let bytes = stored(folder.path())?.saturating_sub(before);

    let berth = Sample::new(rounds.iter().map(|round| round.berth).collect())?;
    let bare = Sample::new(rounds.iter().map(|round| round.bare).collect())?;
    let repeated = rounds.iter().map(|round| round.repeated).sum();
    Ok(table(
        &berth,
        &bare,
        repeated,
        [server_cpu, runner_cpu],
        bytes,
    ))
}

fn table(
    berth: &Sample,
    bare: &Sample,
    repeated: u32,
    [server_cpu, runner_cpu]: [Duration; 2],
    bytes: u64,
) -> Table {
    let all = f64::from(LINES * ROUNDS);
    let kept = f64::from(LINES * (ROUNDS + 1));
    let rate = |took: Duration| format!("{:.0}", f64::from(LINES) / took.as_secs_f64());
    let micros = |cpu: Duration| format!("{:.2} µs", cpu.as_secs_f64() * 1e6 / all);
    let alone = |name: &str, value: String| vec![name.to_owned(), value];
    #[expect(
        clippy::cast_precision_loss,
        reason = "no file is so large that this changes a digit that is shown"
    )]
    let stored = format!("{:.1}", bytes as f64 / kept);
    Table {
        title: "Logs",
        method: format!(
            "An app prints {LINES} lines at once (`line 1 of {LINES}` and so on). A page's stream \
             of Berth's and `GET /containers/<id>/logs?follow=1` of the engine follow the same \
             container at the same time, from the request to the app until the last line is there; \
             {ROUNDS} rounds, within one log file of the engine. Every line is counted on both ways: none was missing or out of order, \
             and Berth gave none twice. CPU time is of all rounds, by line. The database is measured by how much larger its \
             file is than an empty one, by line; these lines are short and much alike, see \
             `docs/OPERATING.md` for ordinary ones."
        ),
        columns: vec![
            "",
            "Berth",
            "bare engine",
            "Berth's time against the engine's",
        ],
        rows: vec![
            vec![
                "lines per second, p50".to_owned(),
                rate(berth.p50()),
                rate(bare.p50()),
                ratio(berth.p50(), bare.p50()),
            ],
            vec![
                "lines per second, slowest round".to_owned(),
                rate(berth.p99()),
                rate(bare.p99()),
                ratio(berth.p99(), bare.p99()),
            ],
            vec![
                "lines that came twice".to_owned(),
                "0".to_owned(),
                repeated.to_string(),
            ],
            alone("CPU time of `berthd` for a line", micros(server_cpu)),
            alone(
                "CPU time of `berth-runner-docker` for a line",
                micros(runner_cpu),
            ),
            alone("bytes of the database for a line", stored),
        ],
    }
}

/// The app that prints.
struct App {
    /// Path of the app's log.
    path: String,
    container: String,
    port: u16,
}

/// Durations until the last line arrived.
struct Round {
    berth: Duration,
    bare: Duration,
    /// Number of lines that the engine repeated.
    repeated: u32,
}

impl App {
    /// Lets the app print, and counts the lines.
    fn round(&self, engine: &Engine, api: &Api) -> Result<Round> {
        let end = api.get(&format!("{}?limit=1", self.path))?;
        let end = end.and_then(|log| log["lines"][0]["position"].as_i64());
        // The position before the first line, while there is none.
        let after = end.unwrap_or(-1);
        let stream = api.stream(&format!("{}/stream?after={after}", self.path))?;
        let path = format!(
            "/containers/{}/logs?follow=1&stdout=1&stderr=1&tail=0",
            self.container
        );
        let bare = engine.stream(&Request::get(&path))?;
        let begun = Instant::now();
        thread::scope(|scope| {
            let berth = scope.spawn(move || {
                of_berth(stream)?;
                Ok(begun.elapsed())
            });
            let bare = scope.spawn(move || {
                let repeated = count::of_engine(bare, LINES)?;
                Ok((begun.elapsed(), repeated))
            });
            let asked = berthd::ask(self.port, &Request::get(&format!("/log?lines={LINES}")));
            let (bare, repeated) = join(bare).context("the engine")?;
            let round = Round {
                berth: join(berth).context("Berth")?,
                bare,
                repeated,
            };
            ensure!(asked?.status == 200, "the app did not print anything");
            Ok(round)
        })
    }
}

/// Returns the result of a thread that counts lines.
fn join<T>(way: thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    match way.join() {
        Ok(found) => found,
        Err(_) => bail!("someone who counted lines is gone"),
    }
}

/// Reads a page's stream until the last line.
fn of_berth(mut stream: Socket) -> Result<()> {
    let mut count = Count::to(LINES);
    let begun = Instant::now();
    while !count.is_done() {
        // A stream always sends something, so this check runs even if no line comes.
        ensure!(begun.elapsed() < DEADLINE, "the last lines did not arrive");
        let message: Value = serde_json::from_str(&stream.next()?)?;
        for line in message["lines"].as_array().into_iter().flatten() {
            count.see(line["text"].as_str().unwrap_or_default())?;
        }
    }
    Ok(())
}

/// Returns the size in bytes of a database without logs.
fn empty(subject: &Subject<'_>) -> Result<u64> {
    let folder = Folder::create("bench-logs")?;
    let server = Berthd::start(subject, folder.path(), ThisMachine::Off)?;
    Api::set_up(&server)?;
    drop(server);
    stored(folder.path())
}

/// Returns the size of the database's files, in bytes.
fn stored(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("berth.db") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}
