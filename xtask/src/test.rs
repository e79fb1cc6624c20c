//! `cargo xtask test`: everything that must hold, with one summary at the end.

mod browser;
mod checks;
mod engines;
mod report;
mod rust;

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    docker::engine::{Answer, Engine},
    product::{self, Profile},
    progress::Progress,
    services::{Service, postgres, redis, registry},
    setup::{self, Step, system},
    test::{
        engines::Form,
        report::{Report, Row},
    },
    workspace::{self, Workspace},
};

/// A part of the tests that can be chosen by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The sources are formatted.
    Fmt,
    /// Dependencies are what `deny.toml` allows.
    Deny,
    /// Clippy has nothing to say, for the server and for the browser.
    Clippy,
    /// The documentation builds without warnings and its examples run.
    Doc,
    /// Tests that need nothing but the sources.
    Unit,
    /// The server's tests, on both databases and with Redis.
    Db,
    /// The runners' tests, on a Docker Engine and a registry.
    Runner,
    /// The Docker runner on other versions of the engine; the short form unless it is asked for.
    Engines,
    /// Servers and runners under simulated time, network and faults.
    Simulation,
    /// The whole product in Chromium.
    Browser,
}

impl Part {
    /// In the order they run: what fails fast first.
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

    /// As typed on the command line.
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

    /// The part with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

/// What the tests may use, by the variable that tells them.
#[derive(Default)]
struct Environment {
    variables: Vec<(&'static str, String)>,
    /// Kept for as long as the tests run.
    services: Vec<Service>,
}

/// Sets up, runs the parts (all of them when none is named) and prints the summary.
pub(crate) fn run(workspace: &Workspace, parts: &[Part]) -> ExitCode {
    let mut chosen = Part::ALL.to_vec();
    chosen.retain(|part| parts.is_empty() || parts.contains(part));
    let form = if parts.contains(&Part::Engines) {
        Form::Long
    } else {
        Form::Short
    };

    let mut report = Report::default();
    if let Err(error) = run_parts(workspace, &chosen, form, &mut report) {
        eprintln!("\n{error:#}");
        report.add(Row::failed("set-up", "see above"));
    }
    println!("\n{report}");
    if report.is_good() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn run_parts(
    workspace: &Workspace,
    chosen: &[Part],
    form: Form,
    report: &mut Report,
) -> Result<()> {
    let has = |part| chosen.contains(&part);
    prepare(workspace, chosen, report)?;
    let environment = environment(workspace, chosen, report);

    if has(Part::Fmt) {
        report.add(checks::fmt(workspace)?);
    }
    if has(Part::Deny) {
        report.add(checks::deny(workspace)?);
    }
    if has(Part::Clippy) {
        report.add(checks::clippy(workspace)?);
    }
    if has(Part::Doc) {
        report.add(checks::doc(workspace)?);
    }
    for row in rust::run(workspace, chosen, &environment.variables)? {
        report.add(row);
    }
    if has(Part::Engines) {
        engines::run(workspace, form, report)?;
    }
    if has(Part::Browser) {
        report.add(browser::run(workspace, &environment.variables)?);
        if has(Part::Engines) {
            report.add(engines::walk(workspace));
        }
    }
    // The services end here, after the last test.
    drop(environment.services);
    Ok(())
}

/// Installs what the parts need. A service that is missing is noted, everything else is an error.
fn prepare(workspace: &Workspace, chosen: &[Part], report: &mut Report) -> Result<()> {
    let has = |part| chosen.contains(&part);
    let (needed, services) = steps(workspace, chosen)?;
    let extra = if has(Part::Browser) {
        product::STEPS
    } else {
        0
    };
    let mut progress = Progress::new(needed.len() + services.len() + extra);
    for step in &needed {
        step.run(workspace, &mut progress)?;
    }
    for step in &services {
        if let Err(error) = step.run(workspace, &mut progress) {
            missing(report, &step.name, &error);
        }
    }
    if has(Part::Browser) {
        product::build(workspace, Profile::Serve, &mut progress)?;
    }
    Ok(())
}

/// The steps without which nothing works, and those that bring services.
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
                    &anyhow::anyhow!("this user may not use it"),
                );
            }
            Answer::Nothing(reason) => {
                missing(report, "Docker Engine", &anyhow::anyhow!("{reason}"));
            }
        }
    }
    environment
}

/// Notes that tests run without a service; where nothing may be skipped that is a failure.
fn missing(report: &mut Report, name: &str, error: &anyhow::Error) {
    eprintln!("{name}: {error:#}");
    report.add(if workspace::is_ci() {
        Row::failed(name, "missing, and CI may skip nothing")
    } else {
        Row::note(name, "missing: the tests that need it are skipped")
    });
}
