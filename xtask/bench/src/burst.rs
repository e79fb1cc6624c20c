//! Start of many instances at once, and the effect of a server outage on them.

mod swarm;

use std::{
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use xtask::{docker::engine::Engine, http::Request, progress::Line, services::Folder};

use self::swarm::Swarm;
use crate::{
    Subject,
    api::{Api, text, wait},
    bare::Bare,
    berthd::{Berthd, Plan, Program, ThisMachine},
    deploy::inspect,
    memory::{RUNNER, start_runner},
    proc,
    report::{Table, mebibytes, millis, ratio},
    sample::Sample,
};

/// Number of instances that start at once.
const INSTANCES: usize = 25;
/// Number of parallel starts without Berth. More make a machine with two cores no faster.
const AT_ONCE: usize = 5;
const ROUNDS: usize = 3;
const IMAGE: &str = "localhost/berth/hello:latest";
/// Duration of the outage.
const OUTAGE: Duration = Duration::from_mins(2);
/// Number of such deployments that keep running.
const WATCHED_APPS: usize = 2;
/// Time after which the work that follows a start is done.
const SETTLE: Duration = Duration::from_secs(10);
/// Time for which the server and its instances are observed.
const WATCHED: Duration = Duration::from_secs(30);

/// Starts many instances by turns: with Berth, without it, with Swarm.
///
/// Then kills the server.
pub(super) fn measure(subject: &Subject<'_>, line: &mut Line) -> Result<Table> {
    let folder = Folder::create("bench-burst")?;
    let server = Berthd::start(subject, folder.path(), ThisMachine::Off)?;
    let api = Api::set_up(&server)?;
    let runner = start_runner(subject, &server, &api)?;
    let runner_id = api.connected_runner(RUNNER)?;
    let swarm = Swarm::start(subject, IMAGE);
    let engine = &subject.engine;
    let (mut berth, mut bare, mut swarmed) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        line.note(&format!("round {round} of {ROUNDS}"));
        let app = deploy(&api, &runner_id, &format!("burst-{round}"))?;
        berth.push(app.took(&api, engine)?);
        let of_berth = app.containers(engine)?;
        let (first, _) = of_berth.first().context("there is no container")?;
        let alike = Bare::like(engine, &inspect(engine, first)?)?;
        app.delete(&api)?;
        bare.push(run_bare(engine, &alike)?);
        if let Ok(swarm) = &swarm {
            swarmed.push(swarm.run(INSTANCES)?);
        }
    }
    let (berth, bare) = (Sample::new(berth)?, Sample::new(bare)?);
    let mut rows = vec![
        started("Berth, one deployment", &berth, &bare),
        started("bare engine, 5 at a time", &bare, &bare),
        match (&swarm, Sample::new(swarmed)) {
            (Ok(_), Ok(swarmed)) => started("Docker Swarm, one service", &swarmed, &bare),
            (Err(error), _) => vec![
                "Docker Swarm".to_owned(),
                format!("not measured: {}", error.to_string().trim()),
            ],
            (Ok(_), Err(error)) => return Err(error),
        },
    ];
    drop(swarm);

    let stays = Stays {
        subject,
        folder: folder.path(),
        api: &api,
        runner_id: &runner_id,
    };
    rows.extend(stays.measure(server, &runner, line)?);
    drop(runner);
    let watched = INSTANCES * WATCHED_APPS;
    Ok(Table {
        title: "A burst, and an outage",
        method: format!(
            "{INSTANCES} instances of `{IMAGE}`, from the request until the engine has started the \
             last one, by the engine's clock; the median of {ROUNDS} rounds each, alternating. Berth starts \
             one, verifies it and starts the rest, 5 at a time, each with a published port. The bare \
             containers have the same options as one of Berth's. Swarm runs on an engine of its own beside it, \
             with a service of the same image without ports. Then {watched} instances stay, and the \
             server is killed for {} s.",
            OUTAGE.as_secs()
        ),
        columns: vec!["What", "Figure", "a second", "against the bare engine"],
        rows,
    })
}

/// Starts as many containers without Berth, then removes them.
///
/// Returns the time until the last one had started.
fn run_bare(engine: &Engine, bare: &Bare<'_>) -> Result<Duration> {
    let from = SystemTime::now();
    let next = AtomicUsize::new(0);
    let started = Mutex::new(Vec::new());
    let made = thread::scope(|scope| {
        let work = || {
            while next.fetch_add(1, Ordering::Relaxed) < INSTANCES {
                let id = bare.start()?;
                started
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(id);
            }
            Ok(())
        };
        let workers: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(worked) => worked,
                Err(_) => bail!("a worker failed"),
            })
    });
    let started = started.into_inner().unwrap_or_else(PoisonError::into_inner);
    let moments = moments(engine, &started);
    for id in &started {
        bare.remove(id)?;
    }
    made?;
    last_of(&moments?, from)
}

/// Returns the time until the last one had started.
fn last_of(started: &[(String, SystemTime)], from: SystemTime) -> Result<Duration> {
    ensure!(
        started.len() == INSTANCES,
        "{} of {INSTANCES} run",
        started.len()
    );
    let last = started.iter().map(|(_, started)| *started).max();
    Ok(last
        .context("there is no container")?
        .duration_since(from)?)
}

/// Instances that keep running, for a long time and without a server.
struct Stays<'a> {
    subject: &'a Subject<'a>,
    folder: &'a Path,
    api: &'a Api,
    runner_id: &'a str,
}

impl Stays<'_> {
    fn measure(
        &self,
        server: Berthd,
        runner: &Program,
        line: &mut Line,
    ) -> Result<Vec<Vec<String>>> {
        let engine = &self.subject.engine;
        line.note("watching");
        let mut apps = Vec::new();
        for number in 1..=WATCHED_APPS {
            let app = deploy(self.api, self.runner_id, &format!("stays-{number}"))?;
            app.took(self.api, engine)?;
            apps.push(app);
        }
        thread::sleep(SETTLE);
        let cpu = proc::time(server.pid())?;
        let runners_cpu = proc::time(runner.pid())?;
        thread::sleep(WATCHED);
        let watched = INSTANCES * WATCHED_APPS;
        let share = |cpu: Duration| {
            let share = 100.0 * cpu.as_secs_f64() / WATCHED.as_secs_f64();
            format!("{share:.2} % of a core")
        };
        let mut rows = Vec::new();
        let mut say = |what: &str, figure: String| rows.push(vec![what.to_owned(), figure]);
        let used = proc::time(server.pid())?.saturating_sub(cpu);
        say(
            &format!("CPU of `berthd` while {watched} run, measured every 5 s"),
            share(used),
        );
        let used = proc::time(runner.pid())?.saturating_sub(runners_cpu);
        say("CPU of `berth-runner-docker` meanwhile", share(used));
        say(
            "PSS of `berth-runner-docker`",
            mebibytes(proc::pss(runner.pid())?),
        );

        let before = containers(&apps, engine)?;
        let port = server.port;
        server.kill()?;
        for left in (1..=OUTAGE.as_secs() / 10).rev() {
            line.note(&format!("the server is down for another {} s", left * 10));
            thread::sleep(Duration::from_secs(10));
        }
        ensure!(
            containers(&apps, engine)? == before,
            "the outage changed what runs"
        );
        let plan = Plan::new(ThisMachine::Off).on(port);
        let from = SystemTime::now();
        let server = Berthd::start_as(self.subject, self.folder, plan)?;
        self.api.connected_runner(RUNNER)?;
        let back = from.elapsed()?;
        let after = containers(&apps, engine)?;
        let kept = before.iter().filter(|container| after.contains(container));
        let restarts = watched - kept.count();
        say(
            &format!(
                "instances restarted by {} s without a server",
                OUTAGE.as_secs()
            ),
            format!("{restarts} of {watched}"),
        );
        say(
            "from the server's start until the runner is back",
            millis(back),
        );
        for app in apps {
            app.delete(self.api)?;
        }
        drop(server);
        Ok(rows)
    }
}

fn started(name: &str, sample: &Sample, bare: &Sample) -> Vec<String> {
    let took = sample.p50();
    let count = f64::from(u32::try_from(INSTANCES).unwrap_or(u32::MAX));
    vec![
        name.to_owned(),
        millis(took),
        format!("{:.1}", count / took.as_secs_f64()),
        ratio(took, bare.p50()),
    ]
}

/// A deployment with many instances.
struct App {
    id: String,
    from: SystemTime,
}

fn deploy(api: &Api, runner_id: &str, name: &str) -> Result<App> {
    let request = json!({
        "name": name,
        "runner_id": runner_id,
        "spec": { "image": IMAGE, "ports": [{ "number": 8080 }], "instances": INSTANCES },
    });
    let from = SystemTime::now();
    let made = api.send("POST", "/deployment", &request)?;
    let id = text(&made, "/deployment/deployment_id")?;
    Ok(App { id, from })
}

impl App {
    /// Returns the time until the engine had started the last container.
    ///
    /// The poll asks the server: the engine would have to inspect each container for every
    /// answer.
    fn took(&self, api: &Api, engine: &Engine) -> Result<Duration> {
        let path = format!("/deployment/{}", self.id);
        wait("the instances did not start", || {
            let deployment = api.get(&path)?.unwrap_or_default();
            let phase = deployment.pointer("/deployment/release/phase");
            Ok(phase.is_some_and(|phase| phase == "live").then_some(()))
        })?;
        last_of(&self.containers(engine)?, self.from)
    }

    /// Returns its running containers, each with its start time.
    fn containers(&self, engine: &Engine) -> Result<Vec<(String, SystemTime)>> {
        // `{"label":["dev.berth.deployment=<id>"]}`
        let filters = format!(
            "%7B%22label%22%3A%5B%22dev.berth.deployment%3D{}%22%5D%7D",
            self.id
        );
        started_at(engine, &filters)
    }

    fn delete(&self, api: &Api) -> Result<()> {
        let path = format!("/deployment/{}", self.id);
        api.send("DELETE", &path, &Value::Null)?;
        wait("a deployment was not deleted", || {
            Ok(api.get(&path)?.is_none().then_some(()))
        })
    }
}

/// Returns the running containers of all of them.
fn containers(apps: &[App], engine: &Engine) -> Result<Vec<(String, SystemTime)>> {
    let mut all = Vec::new();
    for app in apps {
        all.extend(app.containers(engine)?);
    }
    Ok(all)
}

/// Returns the running containers that match these filters.
fn running(engine: &Engine, filters: &str) -> Result<Vec<String>> {
    let path = format!("/containers/json?filters={filters}");
    let listed = engine.request(&Request::get(&path))?.json()?;
    let listed = listed.as_array().context("the engine gave no list")?;
    listed.iter().map(|found| text(found, "/Id")).collect()
}

/// Returns the running containers that match these filters.
///
/// Each comes with its start time.
fn started_at(engine: &Engine, filters: &str) -> Result<Vec<(String, SystemTime)>> {
    moments(engine, &running(engine, filters)?)
}

/// Returns those of these containers that exist, each with its start time.
fn moments(engine: &Engine, ids: &[String]) -> Result<Vec<(String, SystemTime)>> {
    let mut found = Vec::new();
    for id in ids {
        let path = format!("/containers/{id}/json");
        let answer = engine.request(&Request::get(&path))?;
        // The container was removed after it was listed.
        if answer.status == 404 {
            continue;
        }
        let moment = text(&answer.json()?, "/State/StartedAt")?;
        found.push((id.clone(), humantime::parse_rfc3339(&moment)?));
    }
    found.sort();
    Ok(found)
}
