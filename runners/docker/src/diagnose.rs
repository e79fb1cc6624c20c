//! Reasons why an app cannot be started, found by inspecting its container.
//!
//! The engine's own messages contain paths and commands of people, and their wording changes
//! with each version, or they are missing: with the init process, a missing program looks like
//! an app that exited with code 127. So nothing here reads the engine's messages.

mod command;
mod program;

use bollard::{
    Docker, errors::Error, models::ContainerCreateBody, query_parameters::InspectContainerOptions,
};
use models::deployment::FailureCode;
use runner_common::{InstanceSpec, RunnerError};

pub(crate) use self::command::check;
use self::program::Program;
use crate::{
    container_fs::ContainerFs,
    engine::Engine,
    error,
    make::{self, bare},
};

/// Exit codes for a program that could not be run, and for one that was not found.
///
/// Shells, engines and their init process use the same codes.
const NOT_RUN: [i64; 2] = [126, 127];

/// Exit code of a shell that read a program for another processor as a script.
const MISREAD: i64 = 2;

/// The engine's exit code for a working folder that its user may not enter.
const NOT_ALLOWED: i64 = 126;

/// Folders of the kernel's file systems, which the engine does not look into.
const KERNEL_FOLDERS: [&str; 3] = ["/dev/", "/proc/", "/sys/"];

/// Finds the reason why the engine did not create a container.
pub(crate) async fn of_create(
    engine: &Engine,
    name: &str,
    instance: &InstanceSpec,
    body: ContainerCreateBody,
    failed: Error,
) -> RunnerError {
    let docker = &engine.docker;
    if error::is_missing(&failed) {
        let image = &instance.spec.image;
        let message = format!("The image {image} was removed from the host in the meantime.");
        return RunnerError::platform(FailureCode::ImageRemoved, message).with_source(failed);
    }
    let is_refusal = error::has_status(&failed, 400) || error::has_status(&failed, 500);
    if is_refusal && let Some(cause) = find_blockers(docker, name, instance, body).await {
        return cause.with_source(failed);
    }
    match failed {
        Error::DockerResponseServerError {
            status_code: 400, ..
        } => settings_refused(engine, instance).with_source(failed),
        other => error::refused(other),
    }
}

/// The error for settings that this host's engine rejects.
///
/// The usual cause is a limit beyond the host's resources.
fn settings_refused(engine: &Engine, instance: &InstanceSpec) -> RunnerError {
    let wanted = instance.spec.resources.cpu_millis.unwrap_or_default();
    let message = match engine.processors {
        Some(has) if u64::from(wanted) > has * 1000 => format!(
            "The limit of {} CPUs exceeds the {has} CPUs of the runner's host. Choose a lower \
             limit.",
            f64::from(wanted) / 1000.0
        ),
        _ => "The Docker Engine rejected these settings. Check the memory and CPU limits. The \
              runner's log has the engine's message."
            .to_owned(),
    };
    RunnerError::user(FailureCode::SettingsRefused, message)
}

/// Looks for things in the image where folders should be made or mounted.
///
/// There is no container to look into, so this creates one without those folders.
async fn find_blockers(
    docker: &Docker,
    name: &str,
    instance: &InstanceSpec,
    body: ContainerCreateBody,
) -> Option<RunnerError> {
    let working_directory = body.working_dir.clone();
    let container = bare::create(docker, name, body).await.ok()?;
    let container_fs = ContainerFs::of(docker, &container);
    let cause = blocker(container_fs, instance, working_directory).await;
    make::remove(docker, &container).await.ok();
    cause
}

async fn blocker(
    container_fs: ContainerFs<'_>,
    instance: &InstanceSpec,
    working_directory: Option<String>,
) -> Option<RunnerError> {
    for mount in &instance.spec.volumes {
        let path = mount.path.as_str();
        if let Ok(Some(part)) = container_fs.blocker(path).await {
            return Some(RunnerError::user(
                FailureCode::VolumePathInvalid,
                format!(
                    "A volume cannot be mounted at {path}: {part} is not a directory in the image. \
                     Choose another path."
                ),
            ));
        }
    }
    let path = working_directory?;
    let part = container_fs.blocker(&path).await.ok()??;
    Some(not_a_folder(&path, &part))
}

fn not_a_folder(path: &str, part: &str) -> RunnerError {
    RunnerError::user(
        FailureCode::WorkingDirectoryInvalid,
        format!(
            "The app cannot start in the working directory {path}: {part} is not a directory in \
             the image. Choose another one."
        ),
    )
}

/// Finds the reason why the engine did not start a container.
pub(crate) async fn of_start(engine: &Engine, container: &str, failed: Error) -> RunnerError {
    if error::is_port_taken(&failed) {
        let message = "Another program took the port in the meantime.";
        return RunnerError::platform(FailureCode::PortTaken, message).with_source(failed);
    }
    let Error::DockerResponseServerError { status_code, .. } = failed else {
        return error::silent(failed);
    };
    if let Ok(Some(cause)) = inspect(engine, container).await {
        return cause.with_source(failed);
    }
    if let Ok(Some(cause)) = not_allowed(&engine.docker, container).await {
        return cause.with_source(failed);
    }
    if status_code == 400 {
        let message = "The image's command cannot be run. Check its entry point, working directory \
                       and user. The runner's log has the engine's message.";
        return RunnerError::user(FailureCode::CommandNotRunnable, message).with_source(failed);
    }
    error::refused(failed)
}

/// Finds the reason why an instance with this exit code never ran.
///
/// Returns `None` if it did run.
pub(crate) async fn of_exit(engine: &Engine, container: &str, code: i64) -> Option<RunnerError> {
    if !NOT_RUN.contains(&code) && code != MISREAD {
        return None;
    }
    let cause = inspect(engine, container).await.ok().flatten();
    cause.filter(|cause| code != MISREAD || cause.code == FailureCode::ImagePlatformMismatch)
}

/// Looks for everything that keeps the program of a container from running.
async fn inspect(engine: &Engine, container: &str) -> Result<Option<RunnerError>, RunnerError> {
    let docker = &engine.docker;
    let found = docker
        .inspect_container(container, None::<InspectContainerOptions>)
        .await
        .map_err(error::refused)?;
    let container_fs = ContainerFs::of(docker, container);
    let config = found.config.unwrap_or_default();
    let user = config.user.unwrap_or_default();
    if !user.is_empty()
        && let Err(unknown) = container_fs.ids(&user).await
    {
        return Ok(Some(unknown));
    }
    let folder = folder_of(config.working_dir);
    if let Some(part) = container_fs.blocker(&folder).await? {
        return Ok(Some(not_a_folder(&folder, &part)));
    }
    let program = Program {
        name: found.path.unwrap_or_default(),
        folder,
        environment: config.env.unwrap_or_default(),
        advice: "Check the image and its entry point.",
    };
    program.inspect(container_fs, &engine.platforms).await
}

/// Checks that a program can run in a container, before it gets a terminal.
///
/// The engine would write its refusal into the terminal, in its own words.
///
/// # Errors
/// When the program cannot be run, or the engine refuses or does not answer.
pub(crate) async fn check_terminal(
    engine: &Engine,
    container: &str,
    program: &str,
) -> Result<(), RunnerError> {
    if KERNEL_FOLDERS
        .iter()
        .any(|folder| program.starts_with(folder))
    {
        return Ok(());
    }
    let docker = &engine.docker;
    let found = docker
        .inspect_container(container, None::<InspectContainerOptions>)
        .await
        .map_err(error::refused)?;
    let config = found.config.unwrap_or_default();
    let program = Program {
        name: program.to_owned(),
        folder: folder_of(config.working_dir),
        environment: config.env.unwrap_or_default(),
        advice: "Choose another program.",
    };
    // An engine that cannot show its files may still run the program.
    let cause = program.inspect(ContainerFs::of(docker, container), &engine.platforms);
    cause.await.ok().flatten().map_or(Ok(()), Err)
}

/// Returns the folder that a program starts in.
fn folder_of(chosen: Option<String>) -> String {
    let chosen = chosen.filter(|folder| !folder.is_empty());
    chosen.unwrap_or_else(|| "/".to_owned())
}

/// Checks for a working folder that the user may not enter.
///
/// The engine stores an exit code for containers that it could not start.
async fn not_allowed(docker: &Docker, container: &str) -> Result<Option<RunnerError>, RunnerError> {
    let found = docker
        .inspect_container(container, None::<InspectContainerOptions>)
        .await
        .map_err(error::refused)?;
    let config = found.config.unwrap_or_default();
    let (user, folder) = (config.user, config.working_dir);
    let code = found.state.and_then(|state| state.exit_code);
    if code != Some(NOT_ALLOWED) {
        return Ok(None);
    }
    let user = user.filter(|user| !user.is_empty());
    let folder = folder.filter(|folder| !folder.is_empty() && folder != "/");
    let (Some(user), Some(folder)) = (user, folder) else {
        return Ok(None);
    };
    Ok(Some(RunnerError::user(
        FailureCode::WorkingDirectoryInvalid,
        format!(
            "The user {user} cannot access the working directory {folder}. Choose another user or \
             another directory."
        ),
    )))
}
