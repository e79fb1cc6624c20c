//! The program: reads its settings and runs the runner until it is asked to stop.

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;
use runner_docker::settings::{Arguments, Settings};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
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
    let shutdown = CancellationToken::new();
    let running = runner_docker::run(options, shutdown.clone());
    tokio::pin!(running);
    let ended = tokio::select! {
        ended = &mut running => ended,
        () = asked_to_stop() => {
            info!("the runner stops; what it runs stays");
            shutdown.cancel();
            running.await
        }
    };
    match ended {
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

/// Waits for Ctrl-C or the service manager.
async fn asked_to_stop() {
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
