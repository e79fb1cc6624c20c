//! Class 24: text from others stays text on every page and in every terminal.

use api::db_test;
use axum::http::{Method, header};
use harness::{
    TestServer, Things,
    streams::{Link, hello},
};
use models::runner::{Hello, PROTOCOL_VERSION, RunnerFrame, ServerFrame};
use serde_json::json;

use crate::{
    replay::{listing::sources, walk},
    whole,
};

/// Hostile text, which closes its context and clears a terminal.
///
/// It contains a script and an image that fails to load.
const EVIL: &str = "'\"></title></textarea></script><script>alert(1)</script><img src=x onerror=alert(1)>\u{1b}[2J";

/// Elements in which Leptos escapes nothing, and ways around its escaping.
const RAW: [&str; 7] = [
    "<textarea",
    "<noscript",
    "<style",
    "<script",
    "inner_html",
    "insert_adjacent_html",
    "set_inner_html",
];

/// The places where these may appear, and why no foreign text is markup there.
const MAY_BE_RAW: [(&str, &str); 6] = [
    (
        "components/src/area_text.rs",
        "it escapes for the two below",
    ),
    (
        "components/src/environment/row.rs",
        "its text goes through `area_text`",
    ),
    (
        "components/src/text_area.rs",
        "its text goes through `area_text`",
    ),
    (
        "frontend/src/pages/gallery/samples.rs",
        "a sample of a log, shown as text",
    ),
    (
        "frontend/src/pages/workspace/deployment/open_terminal.rs",
        "a script of our own by its address",
    ),
    (
        "frontend/src/shell.rs",
        "scripts of our own with their nonce",
    ),
];

#[test]
fn no_page_writes_a_text_where_nothing_is_escaped() {
    let mut wrong = Vec::new();
    for (path, text) in sources(&["components/src", "frontend/src"]) {
        if MAY_BE_RAW.iter().any(|(place, _)| path == *place) {
            continue;
        }
        let lines = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let raw = lines.filter(|line| RAW.iter().any(|word| line.contains(word)));
        wrong.extend(raw.map(|line| format!("{path}: {line}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The hello of a runner that puts markup into every text.
fn evil_hello() -> Box<Hello> {
    let mut hello = hello(PROTOCOL_VERSION);
    let about = &mut hello.about;
    about.platform_api = Some(EVIL.to_owned());
    about.tested_platforms = vec![EVIL.to_owned(); 2];
    let texts = [
        &mut about.kind,
        &mut about.version,
        &mut about.platform_version,
        &mut about.os,
        &mut about.arch,
        &mut about.host_name,
    ];
    for text in texts {
        EVIL.clone_into(text);
    }
    hello
}

db_test! {
    async fn untrusted_text_is_escaped_on_every_page(db: Db) {
        let server = TestServer::new(whole(db.clone()));
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let address = server.serve().await;
        api::db::testing::execute(
            &db,
            "UPDATE app_user SET name = '\"><script>alert(1)</script><img src=x onerror=alert(1)>'",
        )
        .await;
        let deployment = format!("/workspace/{workspace_id}/deployment/{}", things.deployment_id);
        let probe = json!({"kind": "command", "command": [EVIL]});
        let spec = json!({
            "image": "app:1", "entrypoint": [EVIL], "arguments": [EVIL], "working_directory": "/<script>alert(1)</script>",
            "environment": [{"name": "A", "value": EVIL}],
            "config_files": [{"path": "/\"><img src=x onerror=alert(1)>", "content": EVIL}],
            "liveness_probe": probe,
        });
        let changed = owner.call(Method::PATCH, &deployment, Some(&json!({"spec": spec}))).await;
        assert_eq!(changed.status, 200, "{changed:?}");

        let rotate = format!("/workspace/{workspace_id}/runner/{}/rotate-token", things.runner_id);
        let token = owner.call(Method::POST, &rotate, None).await.body["token"].clone();
        let mut link = Link::open(address, token.as_str().unwrap()).await;
        link.send(&RunnerFrame::Hello(evil_hello())).await;
        assert!(matches!(link.receive().await, ServerFrame::Welcome { .. }));
        let (instance, now) = (uuid::Uuid::now_v7(), server.app.clock.now());
        let port = json!({"number": 80, "protocol": "http", "address": "javascript:alert(1)//:80"});
        for frame in [
            json!({"type": "observation_changed", "workload": {
                "deployment_id": things.deployment_id, "generation": 1, "instances": [{
                    "instance_id": instance, "release_id": things.release_id, "state": "running",
                    "ports": [port],
                }],
            }}),
            json!({"type": "release", "deployment_id": things.deployment_id,
                "release_id": things.release_id, "phase": "failed",
                "failure": {"fault": "user", "code": EVIL, "message": EVIL}}),
            json!({"type": "logs", "batch": 1, "deployment_id": things.deployment_id, "lines": [{
                "instance_id": instance, "at": now, "ordinal": 0, "stream": "stdout", "text": EVIL,
            }]}),
        ] {
            link.send_text(frame.to_string()).await;
        }
        while link.receive().await != (ServerFrame::LogsAcknowledged { batch: 1 }) {}

        let (mut shown, mut logs) = (0, 0);
        for (path, answer) in walk::everything(&mut owner, &things, &[]).await {
            // Output of apps is read in terminals too; text from people must come back
            // unchanged.
            if path.ends_with("/log/text") || path.ends_with("/logs") {
                assert!(!answer.text.contains('\u{1b}'), "{path}: {}", answer.text);
                logs += 1;
            }
            let kind = answer.headers.get(header::CONTENT_TYPE).map(|kind| kind.to_str().unwrap());
            if !kind.is_some_and(|kind| kind.starts_with("text/html")) {
                continue;
            }
            let page = &answer.text;
            shown += usize::from(page.contains("alert(1)"));
            for wrong in ["<script>alert", "<img src=x", "href=\"javascript:"] {
                assert!(!page.contains(wrong), "{path} has {wrong:?}: {page}");
            }
            let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(!policy.contains("unsafe-inline") && !policy.contains('*'), "{path}: {policy}");
        }
        assert_eq!(logs, 2);
        assert!(shown >= 5, "only {shown} pages show what was said");
    }
}
