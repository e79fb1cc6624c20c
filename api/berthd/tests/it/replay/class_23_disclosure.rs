//! Class 23: no secret in a response, a page, a log line, or a row in clear.

use std::{
    io,
    sync::{Arc, Mutex},
};

use api::{db::testing::contents, db_test};
use axum::http::Method;
use harness::{
    TestServer, Things,
    streams::{Link, hello},
};
use models::runner::{PROTOCOL_VERSION, RunnerFrame, ServerFrame};
use serde_json::json;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{replay::walk, whole};

const SECRET: &str = "canary-secret-51c0";
const CHANGED: &str = "canary-changed-9d7e";
const PASSWORD: &str = "canary-registry-3b2a";
const WRONG: &str = "canary-wrong-password-77";
/// A value that only members of the workspace may see.
const VARIABLE: &str = "canary-variable-e4f1";
const FILE: &str = "canary-file-08aa";

/// The captured log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Captures the log of our own code and its HTTP stack, on every thread.
    fn start() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let ours = [
            "api",
            "berthd",
            "frontend",
            "models",
            "runner_common",
            "tower_http",
        ];
        let levels = Targets::new()
            .with_default(tracing::Level::DEBUG)
            .with_targets(ours.map(|name| (name, tracing::Level::TRACE)));
        tracing_subscriber::registry()
            .with(fmt::layer().with_writer(move || writer.clone()))
            .with(levels)
            .try_init()
            .ok();
        log
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// True if the rows contain the text, as it is or as the digits of its bytes.
fn is_in(rows: &str, text: &str) -> bool {
    let digits = text
        .bytes()
        .fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
    rows.contains(text) || rows.to_lowercase().contains(&digits)
}

db_test! {
    async fn no_canary_is_in_an_answer_a_page_the_log_or_a_row_in_clear(db: Db) {
        let log = Log::start();
        let server = TestServer::new(whole(db.clone()));
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let address = server.serve().await;
        server.anybody().sign_in("ada@example.org", WRONG).await;

        let of = |what: &str| format!("/workspace/{workspace_id}/{what}");
        let secret = json!({"name": "CANARY", "secret_value": SECRET});
        let secret = owner.post(&of("secret"), &secret).await.body["secret"]["secret_id"].clone();
        let registry = json!({"host": "canary.example.org", "user_name": "ada", "password": PASSWORD});
        assert_eq!(owner.post(&of("registry"), &registry).await.status, 201);
        let spec = json!({
            "image": "canary.example.org/app:1",
            "environment": [{"name": "A", "value": VARIABLE}, {"name": "B", "secret_id": secret}],
            "config_files": [{"path": "/etc/a", "content": FILE}],
        });
        let made = json!({"name": "canary", "runner_id": things.runner_id, "spec": spec});
        let made = owner.post(&of("deployment"), &made).await;
        assert_eq!(made.status, 201, "{made:?}");
        // Refused requests are logged and answered too.
        for wrong in [
            json!({"name": "not a name", "secret_value": SECRET}),
            json!({"name": "OTHER", "secret_value": [SECRET]}),
            json!({"name": SECRET, "secret_value": 5, "value": SECRET}),
        ] {
            let answer = owner.post(&of("secret"), &wrong).await;
            assert!([400, 422].contains(&answer.status), "{answer:?}");
        }

        let rotate = of(&format!("runner/{}/rotate-token", things.runner_id));
        let token = owner.call(Method::POST, &rotate, None).await.body["token"].clone();
        let token = token.as_str().unwrap().to_owned();
        let mut link = Link::open(address, &token).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        let sent = loop {
            if let ServerFrame::DesiredState { workloads, .. } = link.receive().await {
                break serde_json::to_string(&workloads).unwrap();
            }
        };
        // The app itself receives them, which proves that this test would find them.
        for canary in [SECRET, PASSWORD, VARIABLE, FILE] {
            assert!(sent.contains(canary), "the runner was not told {canary}");
        }
        let change = json!({"secret_value": CHANGED});
        let path = of(&format!("secret/{}", secret.as_str().unwrap()));
        assert_eq!(owner.call(Method::PATCH, &path, Some(&change)).await.status, 200);
        let cookie = owner.cookie();
        let session = cookie.split('=').nth(1).unwrap();

        let hidden = [SECRET, CHANGED, PASSWORD, WRONG, token.as_str(), session];
        for (path, answer) in walk::everything(&mut owner, &things, &[]).await {
            for canary in hidden {
                assert!(!answer.text.contains(canary), "{path} shows {canary}");
                let headers = format!("{:?}", answer.headers);
                assert!(!headers.contains(canary), "{path} has {canary} in {headers}");
            }
        }
        let rows = format!("{:?}", contents(&db).await);
        let logged = log.text();
        assert!(logged.contains("a runner connected"), "nothing was logged: {logged}");
        for canary in hidden.into_iter().chain([VARIABLE, FILE]) {
            assert!(!logged.contains(canary), "the log has {canary}");
            assert!(!is_in(&rows, canary), "the database has {canary} in clear");
        }
        assert!(is_in(&rows, "canary.example.org"), "the rows are not looked at");
    }
}
