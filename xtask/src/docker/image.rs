//! Builds an image around one static program, without network access.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    path::Path,
};

use anyhow::{Context, Result, bail};

use crate::{
    docker::{engine::Engine, tar::Archive},
    http::Request,
};

/// Label with a hash of the image's content.
///
/// An unchanged image is not rebuilt.
const CONTENT_LABEL: &str = "berth.example.content";

/// Builds `program` into the image `name` with its Dockerfile.
///
/// Returns `false` if the image is up to date.
///
/// # Errors
/// If a file cannot be read or the engine refuses; the message includes its response.
pub fn build(engine: &Engine, name: &str, dockerfile: &Path, program: &Path) -> Result<bool> {
    let dockerfile = read(dockerfile)?;
    let binary = read(program)?;
    let fingerprint = fingerprint(&[&dockerfile, &binary]);
    if is_built(engine, name, &fingerprint)? {
        return Ok(false);
    }

    let file_name = program
        .file_name()
        .context("the program has no name")?
        .to_string_lossy();
    let mut context = Archive::default();
    context.add("Dockerfile", 0o644, &dockerfile);
    context.add(&file_name, 0o755, &binary);
    // The query's values are our own and need no escaping.
    let path =
        format!("/build?t={name}&rm=1&labels=%7B%22{CONTENT_LABEL}%22%3A%22{fingerprint}%22%7D");
    let response = engine.request(&Request {
        method: "POST",
        path: &path,
        headers: &[("Content-Type", "application/x-tar")],
        body: &context.finish(),
    })?;
    let said = response.text();
    // The status is sent before the build begins; failures are in the stream.
    if response.status != 200 || said.contains("\"errorDetail\"") {
        bail!("the Docker Engine cannot build {name}: {}", said.trim());
    }
    Ok(true)
}

fn is_built(engine: &Engine, name: &str, fingerprint: &str) -> Result<bool> {
    let response = engine.request(&Request::get(&format!("/images/{name}/json")))?;
    Ok(response.status == 200
        && response
            .text()
            .contains(&format!("\"{CONTENT_LABEL}\":\"{fingerprint}\"")))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn fingerprint(parts: &[&[u8]]) -> String {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        hasher.write_usize(part.len());
        hasher.write(part);
    }
    format!("{:016x}", hasher.finish())
}
