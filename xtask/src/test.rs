//! `cargo xtask test`: all checks and tests, with one summary at the end.

mod browser;
mod changed;
mod checks;
mod counted;
mod engine_tests;
mod engines;
mod report;
mod rust;

use std::{collections::BTreeSet, process::ExitCode, time::Instant};

use anyhow::Result;

use crate::{
    docker::engine::{Answer, Engine},
    product::{self, Profile},
    progress::Progress,
    services::{Service, postgres, redis, registry},
    setup::{self, Step, system},
    test::{
        changed::Plan,
        engines::Form,
        report::{Report, Row},
    },
    workspace::{self, Workspace},
};

/// A part of the tests, selectable by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Format of the sources.
    Fmt,
    /// Dependencies, checked against `deny.toml`.
    Deny,
    /// Clippy, for the server and for the browser.
    Clippy,
    /// Documentation: builds without warnings, and its examples run.
    Doc,
    /// Tests that need only the sources.
    Unit,
    /// Tests of the server, on both databases and with Redis.
    Db,
    /// Tests of the runners, on a Docker Engine and a registry.
    Runner,
    /// Tests of the Docker runner on other engine versions.
    ///
    /// The short form runs unless this part is requested by name.
    Engines,
    /// Simulation of servers and runners under simulated time, network and faults.
    Simulation,
    /// Tests of the whole product in Chromium.
    Browser,
}

impl Part {
    /// All parts in the order they run: those that fail fast come first.
    pub(crate) const ALL: [Self; 10] = [
        Self::Fmt,
        Self::Deny,
        Self::Clippy,
        Self::Doc,
        Self::Unit,
        Self::Db,
        Self::Runner,
        Self::Engines,
        Self::Simulation,
        Self::Browser,
    ];

    /// Returns the name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Deny => "deny",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Unit => "unit",
            Self::Db => "db",
            Self::Runner => "runner",
            Self::Engines => "engines",
            Self::Simulation => "simulation",
            Self::Browser => "browser",
        }
    }

    /// Returns the part with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

/// Request of the command line.
pub(crate) struct Request {
    /// Parts to run; empty for all.
    pub(crate) parts: Vec<Part>,
    /// True to run only tests that the changes on this branch can break.
    pub(crate) only_changed: bool,
}

/// Parts and crates that run.
struct Choice {
    parts: Vec<Part>,
    /// Crates whose tests run; `None` for all.
    crates: Option<BTreeSet<String>>,
    form: Form,
}

impl Choice {
    fn of(workspace: &Workspace, request: &Request) -> Result<Self> {
        let form = if request.parts.contains(&Part::Engines) {
            Form::Long
        } else {
            Form::Short
        };
        let (parts, crates) = if request.only_changed {
            match changed::plan(workspace)? {
                Plan::Everything => (Part::ALL.to_vec(), None),
                Plan::Some { parts, crates } => (parts, Some(crates)),
            }
        } else {
            (Part::ALL.to_vec(), None)
        };
        let is_chosen = |part: &Part| request.parts.is_empty() || request.parts.contains(part);
        Ok(Self {
            parts: parts.into_iter().filter(is_chosen).collect(),
            crates,
            form,
        })
    }

    fn has(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }
}

/// Environment variables that give tests their services.
#[derive(Default)]
struct Environment {
    variables: Vec<(&'static str, String)>,
    /// Running services, kept until the tests end.
    services: Vec<Service>,
}

/// Sets up, runs the parts (all if none is named) and prints the summary.
pub(crate) fn run(workspace: &Workspace, request: &Request) -> Result<ExitCode> {
    let choice = Choice::of(workspace, request)?;
    if choice.parts.is_empty() {
        println!("No tests are affected by the changes.");
        return Ok(ExitCode::SUCCESS);
    }
    if request.only_changed {
        let names: Vec<_> = choice.parts.iter().map(|part| part.name()).collect();
        println!("Affected by the changes: {}", names.join(", "));
    }
    let started = Instant::now();
    let mut report = Report::default();
    if let Err(error) = run_parts(workspace, &choice, &mut report) {
        eprintln!("\n{error:#}");
        report.add(Row::failed("set-up", "see above"));
    }
    report.took = started.elapsed();
    println!("\n{report}");
    Ok(if report.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run_parts(workspace: &Workspace, choice: &Choice, report: &mut Report) -> Result<()> {
    prepare(workspace, &choice.parts, report)?;
    let environment = environment(workspace, &choice.parts, report);

    if choice.has(Part::Fmt) {
        report.add(checks::fmt(workspace)?);
    }
    if choice.has(Part::Deny) {
        report.add(checks::deny(workspace)?);
    }
    if choice.has(Part::Clippy) {
        report.add(checks::clippy(workspace)?);
    }
    if choice.has(Part::Doc) {
        report.add(checks::doc(workspace, choice.has(Part::Clippy))?);
    }
    let crates = choice.crates.as_ref();
    for row in rust::run(workspace, &choice.parts, crates, &environment.variables)? {
        report.add(row);
    }
    if choice.has(Part::Engines) {
        engines::run(workspace, choice.form, report)?;
    }
    if choice.has(Part::Browser) {
        report.add(browser::run(workspace, &environment.variables)?);
        if choice.has(Part::Engines) {
            report.add(engines::first_steps(workspace));
        }
        report.add(checks::compiles_once(workspace)?);
    }
    // The services stop here, after the last test.
    drop(environment.services);
    Ok(())
}

/// Installs everything that the parts need.
///
/// A missing service is noted; any other failure is an error.
fn prepare(workspace: &Workspace, chosen: &[Part], report: &mut Report) -> Result<()> {
    let has = |part| chosen.contains(&part);
    let (needed, services) = steps(workspace, chosen)?;
    let extra = if has(Part::Browser) {
        product::STEPS
    } else {
        0
    };
    let mut progress = Progress::new(needed.len() + services.len() + extra);
    let started = Instant::now();
    for step in &needed {
        step.run(workspace, &mut progress)?;
    }
    for step in &services {
        if let Err(error) = step.run(workspace, &mut progress) {
            missing(report, &step.name, &error);
        }
    }
    report.add(Row::took("set-up", started));
    if has(Part::Browser) {
        let started = Instant::now();
        product::build(workspace, Profile::Serve, &mut progress)?;
        let row = Row::took("product", started);
        report.add(Row {
            built: row.took,
            ..row
        });
    }
    Ok(())
}

/// Returns the required steps, and those that provide services.
fn steps(workspace: &Workspace, chosen: &[Part]) -> Result<(Vec<Step>, Vec<Step>)> {
    let has = |parts: &[Part]| parts.iter().any(|part| chosen.contains(part));
    let mut needed = Vec::new();
    let mut services = Vec::new();
    if has(&[Part::Fmt, Part::Clippy]) {
        needed.extend(setup::for_checks());
    }
    if has(&[Part::Deny]) {
        needed.push(setup::for_deny());
    }
    if has(&[Part::Browser]) {
        needed.extend(setup::for_building(workspace)?);
        needed.extend(setup::for_browser_tests());
    } else if has(&[Part::Clippy]) {
        needed.push(setup::wasm_target());
    }
    if has(&[Part::Db, Part::Browser]) {
        services.push(setup::packages("PostgreSQL", &[system::POSTGRES]));
        services.push(setup::packages("Redis", &[system::REDIS]));
    }
    if has(&[Part::Db, Part::Runner, Part::Browser]) {
        services.push(setup::engine());
    }
    if has(&[Part::Runner]) {
        services.push(setup::packages(
            "container registry",
            &[system::REGISTRY, system::OPENSSL],
        ));
        services.push(setup::packages(
            "busybox for test images",
            &[system::BUSYBOX],
        ));
    }
    if has(&[Part::Engines]) {
        services.extend(setup::for_engines());
    }
    Ok((needed, services))
}

/// Starts the services that the parts use.
fn environment(workspace: &Workspace, chosen: &[Part], report: &mut Report) -> Environment {
    type Start = fn(&Workspace) -> Result<Service>;
    let starts: [(&str, &str, &[Part], Start); 3] = [
        (
            "PostgreSQL",
            "BERTH_TEST_POSTGRES_URL",
            &[Part::Db, Part::Browser],
            postgres::start,
        ),
        (
            "Redis",
            "BERTH_TEST_REDIS_URL",
            &[Part::Db, Part::Browser],
            redis::start,
        ),
        (
            "container registry",
            "BERTH_TEST_REGISTRY",
            &[Part::Runner],
            registry::start,
        ),
    ];
    let mut environment = Environment::default();
    for (name, variable, users, start) in starts {
        if !users.iter().any(|part| chosen.contains(part)) {
            continue;
        }
        match start(workspace) {
            Ok(service) => {
                environment
                    .variables
                    .push((variable, service.address.clone()));
                environment.services.push(service);
            }
            Err(error) => missing(report, name, &error),
        }
    }
    if [Part::Db, Part::Runner, Part::Browser]
        .iter()
        .any(|part| chosen.contains(part))
    {
        match Engine::find().ping() {
            Answer::Yes => environment
                .variables
                .push(("BERTH_TEST_DOCKER", "1".to_owned())),
            Answer::Forbidden => {
                missing(
                    report,
                    "Docker Engine",
                    &anyhow::anyhow!("this user has no access to it"),
                );
            }
            Answer::Nothing(reason) => {
                missing(report, "Docker Engine", &anyhow::anyhow!("{reason}"));
            }
        }
    }
    environment
}

/// Notes that tests run without a service.
///
/// It is a failure if nothing may be skipped.
fn missing(report: &mut Report, name: &str, error: &anyhow::Error) {
    eprintln!("{name}: {error:#}");
    report.add(if workspace::is_ci() {
        Row::failed(name, "missing; CI must not skip tests")
    } else {
        Row::note(name, "missing; tests that need it are skipped")
    });
}
