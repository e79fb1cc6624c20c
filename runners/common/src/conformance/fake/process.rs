//! The test app, as a task instead of a process.

use std::{io, time::Duration};

use models::{InstanceId, deployment::LogStream, runner::RunnerSpec};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::sleep,
};

use super::FakePlatform;
use crate::conformance::{App, DATA, GREETING};

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
