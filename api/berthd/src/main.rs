//! `berthd`: the server and the dashboard in one program.
#![deny(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "they panic when nobody takes what is printed"
)]

use std::{
    io::{self, Write},
    iter,
    path::PathBuf,
    process::ExitCode,
};

use api::{
    app::{App, StartError},
    clock::Clock,
    config::{Config, Sources},
    rlimit, server, services, telemetry,
};
use clap::{Parser, Subcommand};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// The self-hosted platform that runs your apps.
#[derive(Debug, Parser)]
#[command(name = "berthd", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Configuration file. Without it, `berthd.toml` in the data folder or the current folder is
    /// read, if it exists.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder for the database and the keys.
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, Subcommand)]
enum Command {
    /// Start the dashboard and the API. Also run apps on this machine if it has a Docker Engine.
    #[default]
    Serve,
    /// Check the configuration and print the address the server would listen on.
    CheckConfig,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = match Sources::from_process(cli.config, cli.data_dir).load() {
        Ok(config) => config,
        Err(error) => return fail(&error),
    };
    if let Some(Command::CheckConfig) = cli.command {
        let answer = format!(
            "The configuration is valid. The server would listen on {}.",
            config.server.address
        );
        return match print(&answer) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        };
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match runtime.block_on(serve(config)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn serve(config: Config) -> Result<(), StartError> {
    telemetry::start_log(&config.log)?;
    rlimit::raise_nofile();
    let metrics = telemetry::Metrics::install()?;
    let address = config.server.address;
    // Bound first, so that a port that is taken changes nothing.
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen {
            address: address.to_string(),
            source,
        })?;
    let app = App::open(config, Clock::system()).await?;
    server::serve_metrics(&app, metrics).await?;
    stop_on_signals(&app)?;
    announce(&app).await?;
    berthd::serve(app, listener).await
}

/// Prints the server's address, and the set-up link if it is not set up yet.
async fn announce(app: &App) -> Result<(), StartError> {
    let token = services::setup::new_token(app)
        .await
        .map_err(|error| StartError::Other(error.chain()))?;
    let link = token.map_or_else(String::new, |token| {
        format!(
            "\nBerth is not set up yet. Open this link within {days} days to create the \
             administrator account:\n\n    {origin}/setup?token={token}\n",
            days = services::setup::TOKEN_DAYS,
            origin = app.public_origin,
            token = token.expose()
        )
    });
    print_line(&format!("Berth is at {}{link}", app.public_origin));
    Ok(())
}

/// Stops gracefully on the first SIGINT or SIGTERM, and at once on the second.
fn stop_on_signals(app: &App) -> Result<(), StartError> {
    let broken = |error: std::io::Error| StartError::Other(error.to_string());
    let mut interrupt = signal(SignalKind::interrupt()).map_err(broken)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(broken)?;
    let stop = app.stop.clone();
    // Not one of the app's tasks, because a second signal must cut those short.
    #[expect(clippy::disallowed_methods, reason = "it ends with the process")]
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if stop.is_cancelled() {
                std::process::exit(130);
            }
            tracing::info!("stopping gracefully; send the signal again to stop immediately");
            stop.cancel();
        }
    });
    Ok(())
}

/// Prints to standard output, or to standard error if that is full or closed.
///
/// A server whose output nobody can read keeps serving.
fn print_line(text: &str) {
    if let Err(error) = print(text) {
        let _ = writeln!(io::stderr(), "{text}");
        tracing::warn!(%error, "cannot write to standard output");
    }
}

fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()
}

fn fail(error: &dyn std::error::Error) -> ExitCode {
    let causes = iter::successors(Some(error), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    let text = format!("berthd: {}", causes.join(": "));
    // A failure here has no one to be reported to.
    let _ = writeln!(io::stderr(), "{text}");
    ExitCode::FAILURE
}
