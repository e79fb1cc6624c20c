//! `examples/hello` as an image: the first deployment of a new user.

use anyhow::Result;

use crate::{
    docker::{
        engine::{Answer, Engine},
        image,
    },
    process,
    product::{Compiling, Profile},
    progress::{Line, Outcome},
    workspace::Workspace,
};

const IMAGE: &str = "localhost/berth/hello:latest";

/// Compiles the app as a static program and builds an image around it.
pub fn build(
    workspace: &Workspace,
    profile: Profile,
    engine: &Engine,
    line: &mut Line,
) -> Result<Outcome> {
    if !matches!(engine.ping(), Answer::Yes) {
        return Ok(Outcome::Skipped(
            "there is no Docker Engine to load it into".to_owned(),
        ));
    }
    let mut command = process::command(workspace, "cargo");
    command.args(["rustc", "--profile", profile.name()]);
    command.args(["--package", "hello", "--"]);
    // Only for the program itself, so that other builds can share its dependencies.
    command.args(["-C", "target-feature=+crt-static"]);
    let mut compiling = Compiling::new(line);
    process::run(workspace, command, "hello", &mut compiling)?;
    let outcome = compiling.outcome();

    line.note("building the image");
    let is_new = image::build(
        engine,
        IMAGE,
        &workspace.root().join("examples/hello/Dockerfile"),
        &profile.folder(workspace).join("hello"),
    )?;
    Ok(if is_new { Outcome::Done } else { outcome })
}
