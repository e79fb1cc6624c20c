//! Registries that lead the engine to internal addresses.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use models::deployment::FailureCode;
use models::value::ImageReference;
use runner_common::{InstancePlatform, PullProgress, RunnerError, conformance::Subject};
use runner_docker::{DockerOptions, DockerRunner};

use crate::platform::Engine;

/// A text that appears only in responses.
const SECRET: &str = "AKIA-canary-of-the-metadata-service";

/// An internal server that answers every request alike, and counts them.
struct Inside {
    address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Inside {
    fn start(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<AtomicUsize>::default();
        let count = Arc::clone(&asked);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).unwrap_or(0);
                count.fetch_add(1, Ordering::SeqCst);
                let answer = answer(&String::from_utf8_lossy(&request[..read]));
                stream.write_all(answer.as_bytes()).ok();
            }
        });
        Self { address, asked }
    }

    fn image(&self) -> ImageReference {
        ImageReference::new(format!("{}/app:1", self.address)).unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn answer(head: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

async fn both(runner: &DockerRunner, image: &ImageReference) -> [RunnerError; 2] {
    let (progress, _) = PullProgress::new();
    let pulled = runner.pull(image, None, None, &progress).await;
    let looked_up = runner.resolve_tag(image, None).await;
    [pulled.unwrap_err(), looked_up.unwrap_err()]
}

#[tokio::test]
async fn an_image_inside_is_asked_for_only_where_the_policy_names_its_registry() {
    if Engine::if_wanted().await.is_none() {
        return eprintln!("skipped: there is no platform");
    }
    let inside = Inside::start(|_| answer("500 Oh", SECRET));
    let closed = DockerRunner::new(DockerOptions::default());
    let by_name = format!("localhost:{}/app:1", inside.address.port());
    for image in [inside.image(), ImageReference::new(by_name).unwrap()] {
        for error in both(&closed, &image).await {
            assert_eq!(error.code, FailureCode::RefusedByHostPolicy, "{error}");
            assert!(error.message.contains("internal_registries"), "{error}");
        }
    }
    assert_eq!(inside.asked(), 0, "the engine was sent there");
}

#[tokio::test]
async fn answers_of_a_registry_are_never_shown() {
    let Some(engine) = Engine::if_wanted().await else {
        return eprintln!("skipped: there is no platform");
    };
    let runner = engine.runner().await;
    // An internal token service; the registry that leads there may be anywhere.
    let metadata = Inside::start(|_| answer("200 OK", SECRET));
    let realm = format!("http://{}/latest/meta-data", metadata.address);
    let leads_inside = Inside::start(move |_| {
        let head = format!(
            "401 Unauthorized\r\nDocker-Distribution-Api-Version: registry/2.0\r\n\
             Www-Authenticate: Bearer realm=\"{realm}\",service=\"a\""
        );
        answer(&head, "{}")
    });
    let errors = |code: &'static str, body: String| {
        Inside::start(move |request| {
            if request.starts_with("GET /v2/ ") {
                return answer(
                    "200 OK\r\nDocker-Distribution-Api-Version: registry/2.0",
                    "{}",
                );
            }
            answer(&format!("{code}\r\nContent-Type: application/json"), &body)
        })
    };
    let registries = [
        leads_inside,
        errors("500 Oh", SECRET.to_owned()),
        errors("404 Not Found", SECRET.to_owned()),
        errors(
            "403 Forbidden",
            format!(r#"{{"errors":[{{"code":"DENIED","message":"{SECRET}"}}]}}"#),
        ),
        errors("200 OK", SECRET.to_owned()),
    ];
    for (number, registry) in registries.iter().enumerate() {
        for error in both(&runner, &registry.image()).await {
            assert!(registry.asked() > 0);
            assert!(!error.message.contains(SECRET), "{number}: {error}");
        }
    }
    assert!(metadata.asked() > 0, "what it answers was not asked for");
}
