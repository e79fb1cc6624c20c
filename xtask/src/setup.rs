//! Installation of everything that building, serving and testing need.
//!
//! Each step first checks if there is anything to do, which takes milliseconds.

pub(crate) mod cargo_tools;
pub(crate) mod debian;
pub(crate) mod docker;
pub(crate) mod engines;
pub(crate) mod node;
pub(crate) mod rust;
pub(crate) mod system;
pub(crate) mod wasm_std;

use std::{path::Path, process::ExitCode};

use anyhow::Result;

use crate::{
    progress::{Line, Outcome, Progress},
    setup::{cargo_tools::Tool, system::Package},
    workspace::Workspace,
};

/// A step of the set-up, with the name that it prints.
pub struct Step {
    /// Name in the progress.
    pub name: String,
    work: Work,
}

type Work = Box<dyn Fn(&Workspace, &mut Line) -> Result<Outcome>>;

impl Step {
    fn new(
        name: impl Into<String>,
        work: impl Fn(&Workspace, &mut Line) -> Result<Outcome> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            work: Box::new(work),
        }
    }

    /// Runs the step, with its progress line.
    pub fn run(&self, workspace: &Workspace, progress: &mut Progress) -> Result<Outcome> {
        progress.step(&self.name, |line| (self.work)(workspace, line))
    }
}

/// `cargo xtask setup`: installs everything that `serve` and `test` need.
///
/// With `develops`, also installs `cargo leptos`.
pub fn run(workspace: &Workspace, develops: bool) -> Result<ExitCode> {
    let mut steps = for_building(workspace)?;
    steps.push(engine());
    steps.extend(for_checks());
    steps.push(for_deny());
    steps.push(packages("PostgreSQL", &[system::POSTGRES]));
    steps.push(packages("Redis", &[system::REDIS]));
    steps.push(packages(
        "container registry",
        &[system::REGISTRY, system::OPENSSL],
    ));
    steps.push(packages("busybox for test images", &[system::BUSYBOX]));
    steps.extend(for_engines());
    steps.extend(for_browser_tests());
    if develops {
        steps.push(tool(cargo_tools::cargo_leptos()));
    }
    run_steps(workspace, &steps)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the steps in order; stops at the first failure.
pub fn run_steps(workspace: &Workspace, steps: &[Step]) -> Result<()> {
    let mut progress = Progress::new(steps.len());
    for step in steps {
        step.run(workspace, &mut progress)?;
    }
    Ok(())
}

/// `cargo xtask build-std`: builds only the standard library, without rustup.
pub fn build_std(workspace: &Workspace, destination: &Path) -> Result<()> {
    let destination = destination.to_owned();
    let step = Step::new(
        "standard library for the browser",
        move |workspace, line| {
            wasm_std::build(workspace, &destination, line)?;
            Ok(Outcome::Done)
        },
    );
    run_steps(workspace, &[step])
}

/// Returns the steps for building the site and the server.
pub fn for_building(workspace: &Workspace) -> Result<Vec<Step>> {
    let bindgen = cargo_tools::wasm_bindgen(workspace)?;
    Ok(vec![
        wasm_target(),
        tool(bindgen),
        Step::new("Node.js", node::runtime),
        Step::new("wasm-opt and esbuild", node::build_tools),
        Step::new("terminal for the dashboard", node::dashboard),
    ])
}

/// Returns the step for a program from crates.io.
fn tool(tool: Tool) -> Step {
    Step::new(tool.title(), move |workspace, line| {
        tool.install(workspace, line)
    })
}

/// Returns the step for the browser's standard library.
pub fn wasm_target() -> Step {
    Step::new("wasm32 target", rust::wasm_target)
}

/// Returns the step for a Docker Engine that answers.
pub fn engine() -> Step {
    Step::new("Docker Engine", |workspace, line| {
        Ok(docker::engine(workspace, line))
    })
}

/// Returns the steps for the checks of the sources.
pub fn for_checks() -> Vec<Step> {
    vec![
        Step::new("rustfmt and clippy", rust::components),
        tool(cargo_tools::cargo_machete()),
    ]
}

/// Returns the step for the check of dependencies.
pub fn for_deny() -> Step {
    tool(cargo_tools::cargo_deny())
}

/// Returns the steps for other engine versions and the tests on them.
pub fn for_engines() -> Vec<Step> {
    let mut steps = vec![packages(
        "tools for tests on other engines",
        &[
            system::BUSYBOX,
            system::IPROUTE,
            system::OPENSSL,
            system::REGISTRY,
        ],
    )];
    let engines = [engines::OLDEST].into_iter().chain(engines::NEWER);
    steps.extend(engines.map(engines::Engine::step));
    steps
}

/// Returns the steps for the browser tests, besides the product.
pub fn for_browser_tests() -> Vec<Step> {
    vec![
        packages("Chromium", &[system::CHROMIUM, system::FONTS]),
        packages("isolated networks", &[system::IPROUTE]),
        Step::new("Playwright", node::browser_tests),
    ]
}

/// Returns the step for packages of the operating system.
pub fn packages(name: &str, wanted: &'static [Package]) -> Step {
    Step::new(name, move |workspace, line| {
        system::install(workspace, wanted, line)
    })
}
