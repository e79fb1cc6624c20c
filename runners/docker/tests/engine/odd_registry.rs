//! Registries that misbehave, and the errors of their images.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    thread,
};

use models::{
    deployment::{FailureCode, Fault},
    value::ImageReference,
};
use runner_common::{InstancePlatform, PullProgress, Retry, RunnerError, conformance::Subject};

use crate::platform::Engine;

/// Response of a registry to every request about an image; it hangs up when `None`.
type Answer = Option<(&'static str, &'static str, &'static str)>;

const JSON: &str = "application/json";

/// An index with an image for s390x only.
const OTHER_MACHINES: Answer = Some((
    "200 OK",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    r#"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.list.v2+json","manifests":[{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","size":500,"digest":"sha256:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","platform":{"architecture":"s390x","os":"linux"}}]}"#,
));

/// Listens until the test's process ends.
fn start(answer: Answer) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 8192];
            let read = stream.read(&mut request).unwrap_or(0);
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let answer = if request.starts_with("GET /v2/ ") {
                Some(("200 OK", JSON, "{}"))
            } else {
                answer
            };
            let Some((status, kind, body)) = answer else {
                continue;
            };
            let body = if request.starts_with("HEAD ") {
                ""
            } else {
                body
            };
            let length = answer.map_or(0, |(_, _, body)| body.len());
            let text = format!(
                "HTTP/1.1 {status}\r\nDocker-Distribution-Api-Version: registry/2.0\r\n\
                 Content-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
            stream.write_all(text.as_bytes()).ok();
        }
    });
    address
}

async fn pull(engine: &Engine, answer: Answer) -> RunnerError {
    let image = format!("{}/access-denied-page:1", start(answer));
    let image = ImageReference::new(image).unwrap();
    let (progress, _) = PullProgress::new();
    let runner = engine.runner().await;
    let pulled = runner.pull(&image, None, None, &progress).await;
    pulled.expect_err("it was pulled")
}

#[tokio::test]
async fn a_registry_is_understood_by_its_status_and_never_by_words() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let error = |code: &str, message: &str| -> &'static str {
        let text = format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#);
        Box::leak(text.into_boxed_str())
    };
    for (answer, code, fault) in [
        (None, FailureCode::ImagePullFailed, Fault::Platform),
        (
            Some((
                "503 Service Unavailable",
                JSON,
                error("DENIED", "manifest unknown"),
            )),
            FailureCode::ImagePullFailed,
            Fault::Platform,
        ),
        (
            Some((
                "500 Internal Server Error",
                "text/plain",
                "no space left on device",
            )),
            FailureCode::ImagePullFailed,
            Fault::Platform,
        ),
        (
            Some(("403 Forbidden", JSON, error("DENIED", "no"))),
            FailureCode::ImageAccessDenied,
            Fault::User,
        ),
        (
            Some(("404 Not Found", JSON, error("MANIFEST_UNKNOWN", "denied"))),
            FailureCode::ImageNotFound,
            Fault::User,
        ),
        (
            Some((
                "429 Too Many Requests",
                JSON,
                error("TOOMANYREQUESTS", "denied"),
            )),
            FailureCode::RegistryRateLimited,
            Fault::Platform,
        ),
    ] {
        let error = pull(&engine, answer).await;
        let source = &error.source;
        assert_eq!(
            (error.code.clone(), error.fault),
            (code, fault),
            "{answer:?}: {source:?}"
        );
        assert_eq!(
            error.retry == Retry::Never,
            fault == Fault::User,
            "{answer:?}"
        );
    }
    // Engines since 26 pass on no status of a response that is not JSON.
    let odd = pull(
        &engine,
        Some(("404 Not Found", "text/html", "<html>denied")),
    )
    .await;
    assert!(
        [FailureCode::ImageNotFound, FailureCode::ImagePullFailed].contains(&odd.code),
        "{odd:?}"
    );
}

#[tokio::test]
async fn an_index_without_this_machine_is_refused_with_both_platforms() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let error = pull(&engine, OTHER_MACHINES).await;
    assert_eq!(
        (error.code.clone(), error.fault, error.retry),
        (
            FailureCode::ImagePlatformMismatch,
            Fault::User,
            Retry::Never
        ),
        "{:?}",
        error.source
    );
    let version = engine.docker.version().await.unwrap();
    let own = format!("host is linux/{}", version.arch.unwrap());
    assert!(error.message.contains("built for linux/s390x"), "{error}");
    assert!(error.message.contains(&own), "{error}");
}
