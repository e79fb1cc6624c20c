//! Many runners on one server, with many open pages.

mod pages;

use std::{
    io::Write,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use pages::{PAGES, Pages};
use serde_json::json;
use xtask::{process, product, progress::Line, services::Folder};

use crate::{
    Subject,
    api::{Api, text},
    berthd::{Berthd, Plan, Program, ThisMachine},
    proc,
    report::{Table, mebibytes, millis},
    sample::Sample,
};

/// Number of runners.
const RUNNERS: u32 = 10_000;
/// Number of apps deployed without open pages, and again with many open pages.
const PLACEMENTS: u32 = 500;
/// Number of single changes whose arrival at every page is timed.
const CHANGES: usize = 40;
/// Number of further changes that are timed until every page shows them.
const DRAWN: usize = 10;
/// Number of clients that deploy apps at the same time.
const CLIENTS: u32 = 8;
/// Time for which the idle server is observed.
const IDLE: Duration = Duration::from_secs(30);
const DEADLINE: Duration = Duration::from_mins(3);
/// Polling interval; the awaited events take seconds.
const POLL: Duration = Duration::from_millis(20);
/// The only image on these runners.
const IMAGE: &str = "berth/conformance:fake";

/// Connects many runners and measures the server's load.
///
/// First the runners are idle, then the server is restarted, then apps are deployed to them.
pub(super) fn measure(subject: &Subject<'_>, line: &mut Line) -> Result<Table> {
    line.note("building the runners");
    let program = product::fleet(subject.workspace, line)?;

    let folder = Folder::create("bench-fleet")?;
    let server = Berthd::start_as(subject, folder.path(), plan())?;
    let api = Api::set_up(&server)?;
    let mut rows = Vec::new();
    let mut row = |name: &str, value: String| rows.push(vec![name.to_owned(), value]);

    line.note("adding runners");
    let mut tokens = String::new();
    let mut ids = Vec::new();
    for number in 0..RUNNERS {
        let made = api.send(
            "POST",
            "/runner",
            &json!({ "name": format!("fleet-{number}") }),
        )?;
        ids.push(text(&made, "/runner/runner_id")?);
        tokens.push_str(&text(&made, "/token")?);
        tokens.push('\n');
    }
    thread::sleep(IDLE / 3);
    let memory = proc::pss(server.pid())?;

    line.note("connecting");
    let mut command = process::command(subject.workspace, &program);
    command.arg(format!("http://127.0.0.1:{}", server.port));
    command.stdin(Stdio::piped());
    let log = subject.workspace.work_folder().join("bench-fleet.log");
    let mut fleet = Program::start(command, &log)?;
    let began = Instant::now();
    let mut input = fleet.input().context("the runners have no input")?;
    input.write_all(tokens.as_bytes())?;
    drop(input);
    connected(&server)?;
    row("all connected after", millis(began.elapsed()));

    line.note("idle");
    thread::sleep(IDLE / 3);
    let more = proc::pss(server.pid())?.saturating_sub(memory);
    row(
        "memory (PSS) of each",
        format!("{} KiB", more / u64::from(RUNNERS) / 1024),
    );
    let cpu = proc::time(server.pid())?;
    thread::sleep(IDLE);
    row(
        "CPU of `berthd`, idle",
        share(proc::time(server.pid())?.saturating_sub(cpu)),
    );

    line.note("placing");
    let alone = place_all(&server, &api, &ids, "app")?;
    row("placements accepted, durable", rate(alone.accepted));
    row("placements accepted and live", rate(alone.live));
    row("CPU of `berthd` for each", millis(alone.cpu));

    line.note("placing with open pages");
    for (name, value) in with_open_pages(&server, &api, &ids)? {
        row(&name, value);
    }
    row(
        "memory (PSS) of `berthd` then",
        mebibytes(proc::pss(server.pid())?),
    );

    line.note("starting the server again");
    let port = server.port;
    server.kill()?;
    let began = Instant::now();
    let server = Berthd::start_as(subject, folder.path(), plan().on(port))?;
    connected(&server)?;
    row(
        "all back after the server was killed and started again",
        millis(began.elapsed()),
    );
    drop((fleet, server));

    Ok(Table {
        title: "Many runners",
        method: format!(
            "{RUNNERS} runners with a platform in memory, in one process on the same machine \
             (`runners/common/examples/fleet.rs`), with the times that runners have: a heartbeat \
             every 10 s, pauses between two links that double from 1 s on. {PLACEMENTS} \
             deployments by {CLIENTS} clients at once, then {CHANGES} and {DRAWN} one by one and {PLACEMENTS} more while \
             {PAGES} pages follow the workspace, each by a stream of its own. The server is killed and started again at \
             once. The runners use the same CPU."
        ),
        columns: vec!["What", "Figure"],
        rows,
    })
}

fn plan() -> Plan {
    Plan::new(ThisMachine::Off)
        // In reality, the runners would have different addresses.
        .with("BERTH__SERVER__MAX_CONNECTIONS_PER_ADDRESS", 1_000_000)
        .with("BERTH__RATE_LIMITS__READS__PER_MINUTE", 1_000_000)
        .with("BERTH__RATE_LIMITS__READS__BURST", 1_000_000)
        .with("BERTH__RATE_LIMITS__WRITES__PER_MINUTE", 1_000_000)
        .with("BERTH__RATE_LIMITS__WRITES__BURST", 1_000_000)
}

/// Waits until every runner has its link.
fn connected(server: &Berthd) -> Result<()> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let links = server.metric("berth_runner_links ")?.unwrap_or_default();
        if links >= f64::from(RUNNERS) {
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!("only {links} of {RUNNERS} runners are connected");
        }
        thread::sleep(POLL);
    }
}

/// Deploys apps while pages are open.
fn with_open_pages(
    server: &Berthd,
    api: &Api,
    runners: &[String],
) -> Result<[(String, String); 7]> {
    let pages = Pages::open(api)?;
    let mut delays = Vec::new();
    for (number, runner) in runners.iter().take(CHANGES).enumerate() {
        let begun = Instant::now();
        let deployment_id = place(api, runner, &format!("one-{number}"))?;
        delays.push(pages.all_heard_of(&deployment_id)?.duration_since(begun));
        thread::sleep(POLL);
    }
    pages.count()?;
    let delays = Sample::new(delays)?;
    let mut drawn = Vec::new();
    for (number, runner) in runners.iter().take(DRAWN).enumerate() {
        let begun = Instant::now();
        // The name sorts to the list's first page.
        let deployment_id = place(api, runner, &format!("a-{number}"))?;
        drawn.push(pages.all_show(api, &deployment_id)?.duration_since(begun));
        pages.count()?;
    }
    let drawn = Sample::new(drawn)?;

    let begun = Instant::now();
    let placed = place_all(server, api, runners, "seen")?;
    let (messages, last) = pages.count()?;
    let messages = f64::from(messages) / last.duration_since(begun).as_secs_f64();
    Ok([
        (
            format!("from a click until all of {PAGES} open pages know, p50"),
            millis(delays.p50()),
        ),
        ("the same, slowest".to_owned(), millis(delays.p99())),
        (
            format!("from a click until all of {PAGES} show it in a list of 50, p50"),
            millis(drawn.p50()),
        ),
        ("the same, slowest".to_owned(), millis(drawn.p99())),
        (
            "placements accepted and live meanwhile".to_owned(),
            rate(placed.live),
        ),
        (
            "CPU of `berthd` for each meanwhile".to_owned(),
            millis(placed.cpu),
        ),
        (
            "messages to the pages meanwhile".to_owned(),
            format!("{messages:.0} a second"),
        ),
    ])
}

/// Durations of a series of deployments.
struct Placed {
    /// Time until the last one was accepted.
    accepted: Duration,
    /// Time until the last one was live.
    live: Duration,
    /// CPU time of the server per deployment.
    cpu: Duration,
}

/// Lets many clients deploy apps at the same time.
fn place_all(server: &Berthd, api: &Api, runners: &[String], name: &str) -> Result<Placed> {
    let before = live(server)?;
    let cpu = proc::time(server.pid())?;
    let begun = Instant::now();
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                scope.spawn(move || {
                    for number in (client..PLACEMENTS).step_by(usize::try_from(CLIENTS)?) {
                        let runner = &runners[usize::try_from(number)? % runners.len()];
                        place(api, runner, &format!("{name}-{number}"))?;
                    }
                    Ok(())
                })
            })
            .collect();
        clients
            .into_iter()
            .try_for_each(|client| match client.join() {
                Ok(placed) => placed,
                Err(_) => bail!("a simulated user failed"),
            })
    })?;
    let accepted = begun.elapsed();
    all_live(server, before + f64::from(PLACEMENTS))?;
    let took = begun.elapsed();
    let cpu = proc::time(server.pid())?.saturating_sub(cpu);
    Ok(Placed {
        accepted,
        live: took,
        cpu: cpu / PLACEMENTS,
    })
}

/// Deploys an app; returns its id.
fn place(api: &Api, runner: &str, name: &str) -> Result<String> {
    let request = json!({
        "name": name,
        "runner_id": runner,
        "spec": { "image": IMAGE, "ports": [{ "number": 8080 }],
                  "environment": [{ "name": "BERTH_TEST_APP", "value": "web" }] },
    });
    let made = api.send("POST", "/deployment", &request)?;
    text(&made, "/deployment/deployment_id")
}

fn rate(took: Duration) -> String {
    format!("{:.0} a second", f64::from(PLACEMENTS) / took.as_secs_f64())
}

/// Waits until this many releases became live.
fn all_live(server: &Berthd, wanted: f64) -> Result<()> {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let live = live(server)?;
        if live >= wanted {
            return Ok(());
        }
        if Instant::now() >= deadline {
            bail!("only {live} of {wanted} releases are live");
        }
        thread::sleep(POLL);
    }
}

/// Returns the number of releases that became live since the server started.
fn live(server: &Berthd) -> Result<f64> {
    let live = server.metric(r#"berth_releases_total{end="live"} "#)?;
    Ok(live.unwrap_or_default())
}

fn share(cpu: Duration) -> String {
    format!(
        "{:.2} % of a core",
        100.0 * cpu.as_secs_f64() / IDLE.as_secs_f64()
    )
}
