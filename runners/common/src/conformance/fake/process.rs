//! The test app, as a task instead of a process.

use std::{io, time::Duration};

use models::{InstanceId, deployment::LogStream, runner::RunnerSpec, value::Argument};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::sleep,
};

use super::FakePlatform;
use crate::conformance::{App, DATA, FALSE, GREETING, SHELL, TRUE};

/// Behaves as the specification's environment asks, until it exits or is dropped.
pub(super) async fn run(
    platform: FakePlatform,
    instance: InstanceId,
    spec: RunnerSpec,
    listener: Option<TcpListener>,
    crash_after: Option<Duration>,
) {
    let code = tokio::select! {
        code = serve(&platform, instance, &spec, listener) => code,
        () = crash(crash_after) => 1,
    };
    platform.end(instance, code);
}

fn app(spec: &RunnerSpec) -> App {
    let named = spec
        .environment
        .iter()
        .find(|variable| variable.name.as_str() == App::VARIABLE)
        .map(|variable| variable.value.as_str());
    App::ALL
        .into_iter()
        .find(|app| Some(app.name()) == named)
        .unwrap_or(App::Mute)
}

async fn serve(
    platform: &FakePlatform,
    instance: InstanceId,
    spec: &RunnerSpec,
    listener: Option<TcpListener>,
) -> i64 {
    if let Some(code) = run_entry_point(platform, instance, spec).await {
        return code;
    }
    match (app(spec), listener) {
        (App::Done, _) => {
            platform.print(instance, LogStream::Stdout, "done");
            0
        }
        (App::Shows, _) => {
            let files = spec.config_files.iter();
            for file in files.filter(|file| file.path.as_str() == GREETING) {
                for line in file.content.as_str().lines() {
                    platform.print(instance, LogStream::Stdout, line);
                }
            }
            std::future::pending().await
        }
        (App::Keeps, _) => write_file(platform, instance, spec).await,
        (App::Ends, _) => {
            platform.print(instance, LogStream::Stderr, "going down");
            3
        }
        (App::Lines, _) => {
            for number in 0..App::LINES {
                platform.print(instance, LogStream::Stdout, &format!("line {number}"));
                tokio::task::yield_now().await;
            }
            std::future::pending().await
        }
        (App::Web, Some(listener)) => {
            platform.print(instance, LogStream::Stdout, "up");
            loop {
                serve_one(&listener).await.ok();
            }
        }
        _ => {
            platform.print(instance, LogStream::Stdout, "up");
            std::future::pending().await
        }
    }
}

/// Runs the entry point; `None` unless it is one of the suite's programs.
async fn run_entry_point(
    platform: &FakePlatform,
    instance: InstanceId,
    spec: &RunnerSpec,
) -> Option<i64> {
    let words = spec.entrypoint.iter().chain(&spec.arguments);
    match words.map(Argument::as_str).collect::<Vec<_>>()[..] {
        [TRUE] => Some(0),
        [FALSE] => Some(1),
        [SHELL, "-c", script] => Some(run_script(platform, instance, script).await),
        _ => None,
    }
}

/// Runs the commands `echo`, `sleep` and `exit`, separated by semicolons.
async fn run_script(platform: &FakePlatform, instance: InstanceId, script: &str) -> i64 {
    for command in script.split(';') {
        let (name, argument) = command.trim().split_once(' ').unwrap_or_default();
        match name {
            "echo" => platform.print(instance, LogStream::Stdout, argument),
            "sleep" => sleep(Duration::from_secs(argument.parse().unwrap_or_default())).await,
            "exit" => return argument.parse().unwrap_or_default(),
            _ => return 127,
        }
    }
    0
}

async fn write_file(platform: &FakePlatform, instance: InstanceId, spec: &RunnerSpec) -> i64 {
    let volume = spec
        .volumes
        .iter()
        .find(|mount| mount.path.as_str() == DATA);
    let kept = volume.and_then(|mount| platform.keep(instance, mount.volume_id));
    if let Some(lines) = kept {
        platform.print(instance, LogStream::Stdout, &format!("kept {lines}"));
        std::future::pending().await
    } else {
        platform.print(instance, LogStream::Stdout, "shared");
        4
    }
}

async fn serve_one(listener: &TcpListener) -> io::Result<()> {
    let (mut stream, _) = listener.accept().await?;
    let mut request = [0; 1024];
    if stream.read(&mut request).await? > 0 {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
        stream.write_all(answer).await?;
    }
    Ok(())
}

async fn crash(after: Option<Duration>) {
    match after {
        Some(after) => sleep(after).await,
        None => std::future::pending().await,
    }
}
