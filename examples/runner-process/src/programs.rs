//! The folder of programs, and copies of every program that was deployed.

use std::{
    fs::{self, File},
    io,
    path::{Component, Path, PathBuf},
};

use models::deployment::FailureCode;
use models::value::{ImageDigest, ImageReference};
use runner_common::RunnerError;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// Path of a program in the folder. Only links inside the folder lead out of it.
pub(crate) fn find(programs: &Path, name: &str) -> Option<PathBuf> {
    let name = Path::new(name.strip_prefix('/').unwrap_or(name));
    let stays = name
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    Some(programs.join(name)).filter(|path| stays && path.is_file())
}

/// Returns the name in `process/<name>`; `None` for any other image.
pub(crate) fn name(image: &ImageReference) -> Option<&str> {
    image.as_str().split('@').next()?.strip_prefix("process/")
}

/// Path of the copy of the program with this digest.
pub(crate) fn copy_of(copies: &Path, digest: &ImageDigest) -> Option<PathBuf> {
    find(copies, digest.digits())
}

/// Copies a program, so that a later release can still run this exact file.
pub(crate) fn copy(
    programs: &Path,
    copies: &Path,
    image: &ImageReference,
) -> Result<ImageDigest, RunnerError> {
    let program = name(image).and_then(|name| find(programs, name));
    let program = program.ok_or_else(|| missing(image))?;
    let copying = || -> io::Result<ImageDigest> {
        let mut copy = NamedTempFile::new_in(copies)?;
        io::copy(&mut File::open(&program)?, &mut copy)?;
        fs::set_permissions(copy.path(), fs::metadata(&program)?.permissions())?;
        let mut hash = Sha256::new();
        io::copy(&mut File::open(copy.path())?, &mut hash)?;
        let digest = ImageDigest::sha256(hash.finalize().into());
        copy.persist(copies.join(digest.digits()))?;
        Ok(digest)
    };
    copying().map_err(RunnerError::host)
}

/// The error for a program that does not exist, or no longer does.
pub(crate) fn missing(image: &ImageReference) -> RunnerError {
    let message = format!(
        "The program {image} does not exist on this host. Image names must have the form \
             process/<name>."
    );
    RunnerError::user(FailureCode::ImageNotFound, message)
}
