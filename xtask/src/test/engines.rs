//! Tests of the Docker runner on engine versions other than that of this machine.
//!
//! Each engine has its own host; see [`crate::services::engine`].

use std::thread;

use anyhow::{Result, anyhow};

use crate::{
    process::{self, Watcher},
    product,
    services::engine::{IsolatedHost, OwnEngine},
    setup::{
        engines::{Engine, NEWER, OLDEST},
        system,
    },
    test::{
        browser, counted,
        engine_tests::{EngineChoice, EngineTests},
        missing,
        report::{Report, Row},
    },
    workspace::Workspace,
};

/// Extent of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The newer engines, without the slowest tests.
    ///
    /// The oldest engine has its own part.
    Short,
    /// Every engine and every test.
    Long,
}

/// Runs the tests on each available engine, and on one that another replaces.
pub(crate) fn run(workspace: &Workspace, form: Form, report: &mut Report) -> Result<()> {
    if !system::is_root() {
        missing(report, "engines", &anyhow!("requires root"));
        return Ok(());
    }
    // The hosts have no network, so everything is built in advance.
    let tests = EngineTests::find(workspace);
    let building = tests.build(workspace);
    println!("\n{}", process::describe(&building));
    process::run(workspace, building, "engines-build", &mut Echo)?;

    if form == Form::Long {
        report.add(on(workspace, &tests, OLDEST, form));
    }
    let mut newer = Vec::new();
    for (engine, row) in NEWER.into_iter().zip(on_newer(workspace, &tests, form)) {
        if row.count.passed > 0 {
            newer.push(engine);
        }
        report.add(row);
    }
    if newer.is_empty() {
        report.add(Row::failed("engines", "no newer engine ran"));
    }
    let replacements = match form {
        Form::Short => &newer[newer.len().saturating_sub(1)..],
        Form::Long => &newer[..],
    };
    for engine in replacements {
        report.add(replaced_by(workspace, &tests, *engine));
    }
    Ok(())
}

/// Runs the tests on the newer engines; returns a row for each.
///
/// The quick tests mostly wait for containers, so the engines run side by side. The others load
/// both processors.
fn on_newer(workspace: &Workspace, tests: &EngineTests, form: Form) -> Vec<Row> {
    match form {
        Form::Long => NEWER
            .map(|engine| on(workspace, tests, engine, form))
            .into(),
        Form::Short => thread::scope(|scope| {
            let runs = NEWER.map(|engine| scope.spawn(move || on(workspace, tests, engine, form)));
            let rows = NEWER.into_iter().zip(runs).map(|(engine, run)| {
                let crashed = |_| Row::failed(engine.version, "the run crashed, see above");
                run.join().unwrap_or_else(crashed)
            });
            rows.collect()
        }),
    }
}

/// Runs the tests on an available engine; returns its row.
fn on(workspace: &Workspace, tests: &EngineTests, engine: Engine, form: Form) -> Row {
    let name = format!("engine-{}", engine.version);
    let Some(programs) = engine.programs(workspace) else {
        return Row::note(&name, "not run: not available here, see above");
    };
    let choice = match form {
        Form::Short => EngineChoice::Quick,
        Form::Long => EngineChoice::All,
    };
    let ran = OwnEngine::start(workspace, engine.version, &programs).and_then(|own| {
        let host = own.host();
        let mut command = host.command(workspace, "", "cargo");
        command
            .env("BERTH_TEST_DOCKER", "1")
            .args(tests.arguments(choice));
        let mut row = counted::run_beside(workspace, &name, command, tests.count)?;
        row.note = format!("Docker Engine {} (API {})", own.version, own.api);
        Ok(row)
    });
    ran.unwrap_or_else(|error| broken(&name, &error))
}

/// Tests the replacement of the oldest engine by this one while apps run.
///
/// Returns the row.
fn replaced_by(workspace: &Workspace, tests: &EngineTests, engine: Engine) -> Row {
    let name = format!("engine-{}-to-{}", OLDEST.version, engine.version);
    let (Some(old), Some(new)) = (OLDEST.programs(workspace), engine.programs(workspace)) else {
        return Row::note(&name, "not run: one of the two is not available here");
    };
    let ran = IsolatedHost::start(workspace, &old).and_then(|host| {
        let mut command = host.command(workspace, "", "cargo");
        command
            .env("BERTH_TEST_ENGINE_OLD", workspace.path_after(&old))
            .env("BERTH_TEST_ENGINE_NEW", workspace.path_after(&new))
            .args(tests.arguments(EngineChoice::Upgrade));
        counted::run_counted(workspace, &name, command, tests.count)
    });
    ran.unwrap_or_else(|error| broken(&name, &error))
}

/// Runs the first steps of a new user in a browser, on the newest engine.
///
/// Returns the row. The product must be built.
pub(crate) fn first_steps(workspace: &Workspace) -> Row {
    let [.., newest] = NEWER;
    let name = format!("browser-{}", newest.version);
    let Some(programs) = newest.programs(workspace) else {
        return Row::note(&name, "not run: not available here, see above");
    };
    let ran = OwnEngine::start(workspace, newest.version, &programs).and_then(|own| {
        product::example_on(workspace, &own.host().engine())?;
        browser::run_first_steps(workspace, &name, &own)
    });
    ran.unwrap_or_else(|error| broken(&name, &error))
}

fn broken(name: &str, error: &anyhow::Error) -> Row {
    eprintln!("{name}: {error:#}");
    Row::failed(name, "failed to start the engine, see above")
}

struct Echo;

impl Watcher for Echo {
    fn line(&mut self, line: &str) {
        println!("{line}");
    }
}
