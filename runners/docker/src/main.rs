//! The program: reads its settings and runs the runner until it is asked to stop.

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use runner_common::run_until_stopped;
use runner_docker::settings::{Arguments, Settings};
use tracing::{error, info};
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// One thread is plenty for what a runner does, and takes the least memory.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let read = Settings::read(&arguments).and_then(|settings| {
        let options = settings.options()?;
        Ok((settings, options))
    });
    let (settings, options) = match read {
        Ok(read) => read,
        Err(error) => {
            eprintln!("berth-runner-docker cannot start: {error}");
            return ExitCode::from(2);
        }
    };
    log_to_stderr(&settings.log);
    info!(server = %options.server_url, "the runner starts");
    let running = |shutdown| runner_docker::run(options, shutdown);
    match run_until_stopped(running).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error!(%error, "the runner cannot go on");
            ExitCode::FAILURE
        }
    }
}

fn log_to_stderr(levels: &str) {
    let levels = levels.parse::<Targets>().unwrap_or_else(|_| {
        eprintln!("the setting log is not understood: {levels:?}; logging at info");
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
