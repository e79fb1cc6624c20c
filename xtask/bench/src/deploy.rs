//! Time from a click on "Deploy" to the running app.
//!
//! It is compared to the bare Docker Engine. Both measurements begin when the request is sent,
//! by this machine's clock, and end at the container's start time as the engine reports it.

pub(super) mod berth;

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use serde_json::Value;
use xtask::{docker::engine::Engine, http::Request, progress::Line, services::Folder};

use crate::{
    Subject,
    api::{Api, text},
    bare::Bare,
    berthd::{Berthd, ThisMachine},
    proc,
    report::{Table, difference, millis, ratio},
    sample::Sample,
};

const ROUNDS: usize = 40;
const IMAGE: &str = "localhost/berth/hello:latest";
/// Port of the example app.
const PORT: u16 = 8080;

/// Result of one round without Berth.
struct BareRun {
    /// Time until the engine had started the container, as the engine reports it.
    running: Duration,
    /// Time until the engine's response.
    started: Duration,
}

/// Deploys by turns: with Berth and without it.
pub(super) fn measure(subject: &Subject<'_>, line: &mut Line) -> Result<Table> {
    let folder = Folder::create("bench-deploy")?;
    let server = Berthd::start(subject, folder.path(), ThisMachine::Auto)?;
    let api = Api::set_up(&server)?;
    let berth = berth::Arm::new(&subject.engine, &api, "this-machine")?;

    // A warm-up round, not counted: it creates networks, and its container shows the options.
    line.note("warming up");
    let first = berth.deploy("warm-up")?;
    let bare = Bare::like(&subject.engine, &first.container)?;
    berth.delete(&first)?;
    run_bare(&subject.engine, &bare)?;

    let cpu = proc::time(server.pid())?;
    let (mut deployed, mut created) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        line.note(&format!("round {round} of {ROUNDS}"));
        let run = berth.deploy(&format!("round-{round}"))?;
        berth.delete(&run)?;
        deployed.push(run);
        created.push(run_bare(&subject.engine, &bare)?);
    }
    let cpu = proc::time(server.pid())?.saturating_sub(cpu) / u32::try_from(ROUNDS)?;

    let of_berth =
        |get: fn(&berth::Run) -> Duration| Sample::new(deployed.iter().map(get).collect());
    let of_bare = |get: fn(&BareRun) -> Duration| Sample::new(created.iter().map(get).collect());
    let running = (of_berth(|run| run.running)?, of_bare(|run| run.running)?);
    let done = (of_berth(|run| run.live)?, of_bare(|run| run.started)?);
    let mut rows = vec![
        compared(
            "container running, by the engine's clock",
            &running.0,
            &running.1,
        ),
        compared("all done: release live · start answered", &done.0, &done.1),
    ];
    for phase in berth::PHASES {
        let took = deployed
            .iter()
            .map(|run| run.phase(phase))
            .collect::<Result<_>>()?;
        let took = Sample::new(took)?;
        rows.push(alone(&format!("of that, {phase}"), &took));
    }
    rows.push(vec![
        "CPU time of `berthd` for a deployment and its deletion".to_owned(),
        millis(cpu),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
    ]);
    Ok(Table {
        title: "Click to running",
        method: format!(
            "`POST …/deployment` of `{IMAGE}` with a port, on this machine's runner, beside \
             `POST /containers/create` and `…/start` with the same options as Berth's own \
             container. The image is on the host. {ROUNDS} rounds each, alternating, so that p99 is \
             the slowest. Phases are from the release's own times."
        ),
        columns: vec![
            "From the request until",
            "Berth p50",
            "Berth p99",
            "bare engine p50",
            "bare engine p99",
            "p50 against p50",
        ],
        rows,
    })
}

fn run_bare(engine: &Engine, bare: &Bare<'_>) -> Result<BareRun> {
    let from = SystemTime::now();
    let id = bare.start()?;
    let started = from.elapsed();
    let running = inspect(engine, &id).and_then(|found| until_running(from, &found));
    bare.remove(&id)?;
    Ok(BareRun {
        running: running?,
        started: started?,
    })
}

fn compared(name: &str, berth: &Sample, bare: &Sample) -> Vec<String> {
    vec![
        name.to_owned(),
        millis(berth.p50()),
        millis(berth.p99()),
        millis(bare.p50()),
        millis(bare.p99()),
        format!(
            "{}, {}",
            ratio(berth.p50(), bare.p50()),
            difference(berth.p50(), bare.p50())
        ),
    ]
}

fn alone(name: &str, berth: &Sample) -> Vec<String> {
    let mut row = vec![name.to_owned(), millis(berth.p50()), millis(berth.p99())];
    row.resize(6, String::new());
    row
}

/// Returns everything that the engine reports about a container.
pub(super) fn inspect(engine: &Engine, container: &str) -> Result<Value> {
    engine
        .request(&Request::get(&format!("/containers/{container}/json")))?
        .json()
}

/// Returns the time from `from` until the engine had started the container.
fn until_running(from: SystemTime, container: &Value) -> Result<Duration> {
    since(from, &text(container, "/State/StartedAt")?)
}

fn since(from: SystemTime, moment: &str) -> Result<Duration> {
    humantime::parse_rfc3339(moment)?
        .duration_since(from)
        .with_context(|| format!("{moment} is before the request: did the clock change?"))
}
