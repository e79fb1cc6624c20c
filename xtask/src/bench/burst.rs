//! Many instances at once, and what an outage of the server costs them.

mod bare;
mod swarm;

use std::{
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use self::swarm::Swarm;
use crate::{
    bench::{
        Subject,
        api::{Api, text, wait},
        berthd::{Berthd, Plan, Program, ThisMachine},
        memory::{RUNNER, start_runner},
        proc,
        report::{Table, mebibytes, millis, ratio},
        sample::Sample,
    },
    docker::engine::Engine,
    http::Request,
    progress::Line,
    services::Folder,
};

/// How many instances begin at once.
const INSTANCES: usize = 25;
const ROUNDS: usize = 3;
const IMAGE: &str = "berth/hello:latest";
/// How long the server is away.
const OUTAGE: Duration = Duration::from_mins(2);
/// How many such deployments stay.
const WATCHED_APPS: usize = 2;
/// What their start leaves to do is done by then.
const SETTLE: Duration = Duration::from_secs(10);
/// How long the server is watched with its instances.
const WATCHED: Duration = Duration::from_secs(30);

/// Starts many instances by turns: with Berth, without it, with Swarm. Then takes the server away.
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
        berth.push(app.took(engine)?);
        app.delete(&api)?;
        bare.push(bare::run(engine, IMAGE, INSTANCES)?);
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
             last one, by the engine's clock; the median of {ROUNDS} rounds by turns. Berth starts \
             one, verifies it and starts the rest, each with a published port. The bare containers \
             have its limits and its network mode. Swarm runs on an engine of its own beside it, \
             with a service of the same image without ports. Then {watched} instances stay, and the \
             server is killed for {} s.",
            OUTAGE.as_secs()
        ),
        columns: vec!["What", "Figure", "a second", "against the bare engine"],
        rows,
    })
}

/// Instances that stay, for long and without a server.
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
            app.took(engine)?;
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
            line.note(&format!("the server is away, {} s more", left * 10));
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

/// A deployment of many instances.
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
    /// Until the engine had started the last of its containers.
    fn took(&self, engine: &Engine) -> Result<Duration> {
        let all = wait("the instances do not run", || {
            let all = self.containers(engine)?;
            Ok((all.len() == INSTANCES).then_some(all))
        })?;
        let last = all.iter().map(|(_, started)| *started).max();
        let last = last.context("there is no container")?;
        Ok(last.duration_since(self.from)?)
    }

    /// Its containers that run, each with the moment of its start.
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
        wait("a deployment is not deleted", || {
            Ok(api.get(&path)?.is_none().then_some(()))
        })
    }
}

/// The containers of all of them that run.
fn containers(apps: &[App], engine: &Engine) -> Result<Vec<(String, SystemTime)>> {
    let mut all = Vec::new();
    for app in apps {
        all.extend(app.containers(engine)?);
    }
    Ok(all)
}

/// The containers that run and pass these filters, each with the moment of its start.
fn started_at(engine: &Engine, filters: &str) -> Result<Vec<(String, SystemTime)>> {
    let path = format!("/containers/json?filters={filters}");
    let listed = engine.request(&Request::get(&path))?.json()?;
    let listed = listed.as_array().context("the engine gave no list")?;
    let mut found = Vec::new();
    for container in listed {
        let id = text(container, "/Id")?;
        let path = format!("/containers/{id}/json");
        let answer = engine.request(&Request::get(&path))?;
        // It was removed since the list was made.
        if answer.status == 404 {
            continue;
        }
        let moment = text(&answer.json()?, "/State/StartedAt")?;
        found.push((id, humantime::parse_rfc3339(&moment)?));
    }
    found.sort();
    Ok(found)
}
