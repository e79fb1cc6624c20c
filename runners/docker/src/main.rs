//! The program: reads settings, registers if it has no token, and runs the runner.
//!
//! It runs until it is told to stop.
#![deny(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic when nobody takes what is printed"
)]

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use clap::Parser;
use runner_common::run_until_stopped;
use runner_docker::{
    RegistrationPrompt,
    settings::{Arguments, Settings},
};
use tracing::{error, info};
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// One thread is plenty for a runner, and uses the least memory.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let read = Settings::read(&arguments).and_then(|settings| {
        let start = settings.start()?;
        Ok((settings, start))
    });
    let (settings, start) = match read {
        Ok(read) => read,
        Err(error) => {
            print_status(&format!("berth-runner-docker: cannot start: {error}"));
            return ExitCode::from(2);
        }
    };
    log_to_stderr(&settings.log);
    if let Some(runner_id) = arguments.adopt {
        let folder = &start.registration.folder;
        if let Err(error) = runner_docker::adopt(folder, runner_id.into()).await {
            error!(%error, "failed to adopt the resources of another runner");
            return ExitCode::FAILURE;
        }
        info!(runner.id = %runner_id, "adopting what the engine has of this runner");
    }
    info!(server = %start.registration.server_url, "starting the runner");
    match run_until_stopped(|shutdown| {
        Box::pin(runner_docker::run_registered(start, print_code, shutdown))
    })
    .await
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!(%error, "the runner failed");
            ExitCode::FAILURE
        }
    }
}

/// Prints a code for whoever started the program, whatever the log settings.
fn print_code(shown: &RegistrationPrompt) {
    let minutes = shown.expires_in.as_secs() / 60;
    print_status(&format!(
        "\nThis runner is not registered yet. To register it, open\n\n    {}\n\nor enter the code \
         {} under \"Runners\" in the dashboard. The code expires in {minutes} minutes.\n",
        shown.verification_uri, shown.user_code
    ));
}

/// Writes to standard error; a failure is ignored, since nobody is left to tell.
fn print_status(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn log_to_stderr(levels: &str) {
    let levels = levels.parse::<Targets>().unwrap_or_else(|_| {
        print_status(&format!(
            "invalid value of the setting log: {levels:?}; logging at info"
        ));
        Targets::new().with_default(tracing::Level::INFO)
    });
    tracing_subscriber::registry()
        .with(
            fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(std::io::stderr().is_terminal()),
        )
        .with(levels)
        .init();
}
