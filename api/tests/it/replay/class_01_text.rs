//! Classes 1 to 5: text that could become a command, an option, a path or a row.

use std::collections::BTreeMap;

use api::{db::Db, db_test};
use axum::http::Method;
use harness::{
    Answer, TestServer, Things,
    contents::state,
    streams::{Link, hello},
};
use models::{
    api::ALL,
    endpoint::EndpointInfo,
    runner::{PROTOCOL_VERSION, RunnerFrame, ServerFrame},
    value::{RegistryHost, trim::trim},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::replay::{corpus, schema};

/// A request with a text in every free-text field of an endpoint.
fn request(info: &EndpointInfo, things: &Things) -> Option<Value> {
    let probe = |kind: &str| json!({"kind": kind, "port": 8080, "path": "/healthz", "command": ["/bin/true"]});
    let spec = json!({
        "image": "app:1",
        "entrypoint": ["/app"],
        "arguments": ["a"],
        "user": "app",
        "working_directory": "/srv",
        "ports": [{"number": 8080, "protocol": "http"}],
        "environment": [{"name": "A", "value": "1"}],
        "config_files": [{"path": "/etc/a", "content": "a", "mode": "0644", "owner": "app"}],
        "volumes": [],
        "startup_probe": probe("http"),
        "liveness_probe": probe("command"),
    });
    Some(match info.name {
        "CreateDeployment" => {
            json!({"name": "other", "runner_id": things.runner_id, "spec": spec,
                   "machine_type": "small", "environment": "production"})
        }
        "CreateEnvironment" => json!({"name": "preview", "project": "main"}),
        "CreateProject" => json!({"name": "blog", "environment": "live"}),
        "CreateSecret" | "CreateVolume" => {
            let mut request = things.request(info)?;
            request["environment"] = "staging".into();
            request
        }
        "UpdateDeployment" => json!({"spec": spec, "machine_type": "small"}),
        "RunCommand" => json!({"command": ["/bin/true"]}),
        "SignIn" => json!({"email": "ada@example.org", "password": "a wrong password"}),
        "CompleteSetup" => json!({
            "token": "guess", "name": "Eve", "email": "eve@example.org",
            "password": "long enough a password", "workspace_name": "main",
        }),
        "UpdateRegistry" => json!({"user_name": "ada", "password": "hush"}),
        _ => return things.request(info),
    })
}

/// True if no response ever shows the field.
fn is_write_only(info: &EndpointInfo, at: &str) -> bool {
    ["/password", "/secret_value", "/token"].contains(&at)
        // They would sign someone in, or need a runner.
        || ["CompleteSetup", "SignIn", "RunCommand"].contains(&info.name)
}

/// A text as it is stored.
///
/// The line breaks of long texts become LF, arguments stay as they are, hosts have one
/// spelling, and all other texts lose the whitespace at their ends.
fn as_kept(at: &str, text: &str) -> String {
    let is_long_text = at.ends_with("/value") || at.ends_with("/content");
    let is_argument = ["command", "entrypoint", "arguments"]
        .iter()
        .any(|list| at.contains(&format!("/{list}/")));
    if is_long_text {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else if is_argument {
        text.to_owned()
    } else if at == "/host" {
        RegistryHost::from(text.to_owned()).to_string()
    } else {
        trim(text.to_owned())
    }
}

/// Asserts that a refusal is a client error about a field, not a server error.
fn is_refused_well(answer: &Answer, what: &str) {
    let fields = answer.body["fields"].as_array().map_or(0, Vec::len);
    match answer.code() {
        "validation_failed" => assert!(fields > 0, "{what}: {answer:?}"),
        // Well-formed input without meaning here.
        "environment_not_found"
        | "malformed_request"
        | "invalid_credentials"
        | "project_not_found"
        | "runner_without_volumes"
        | "source_not_supported" => {}
        _ if answer.status == 409 => {}
        _ => panic!("{what}: {answer:?}"),
    }
}

/// Gives a created resource a unique name.
fn make_new(info: &EndpointInfo, request: &mut Value, number: usize) {
    match info.name {
        "CreateRegistry" => request["host"] = format!("registry-{number}.example.org").into(),
        name if name.starts_with("Create") => request["name"] = format!("a-{number}").into(),
        _ => {}
    }
}

/// Adds what a field is part of and most requests leave out.
fn add_optional(request: &mut Value, at: &str, things: &Things) {
    if at.starts_with("/spec/volumes") {
        request["spec"]["volumes"] = json!([{"volume_id": things.volume_id, "path": "/data"}]);
    }
    if at.starts_with("/source") {
        request["source"] = json!({
            "kind": "git", "repository": "https://git.example.org/a", "branch": "a",
        });
    }
}

/// The full contents of the database, except records of failed sign-ins.
async fn state_but_for_tries(db: &Db, info: &EndpointInfo) -> BTreeMap<String, Vec<String>> {
    let mut state = state(db).await;
    if info.name == "SignIn" {
        state.remove("audit_event");
    }
    state
}

db_test! {
    async fn a_field_refuses_a_text_or_keeps_it_byte_for_byte(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        // The deployment made with each text, and the text's place in its workload.
        let mut made: BTreeMap<String, (String, String)> = BTreeMap::new();
        let (mut number, mut kept, mut refused) = (0, 0, 0);
        for endpoint in schema::endpoints() {
            let info = &endpoint.info;
            for at in endpoint.request {
                let before = state_but_for_tries(&db, info).await;
                let mut kept_here = 0;
                for text in corpus::ALL.iter() {
                    let mut request = request(info, &things)
                        .unwrap_or_else(|| panic!("{} has no request here", info.name));
                    number += 1;
                    make_new(info, &mut request, number);
                    add_optional(&mut request, &at, &things);
                    schema::put(&mut request, &at, text.as_str().into());
                    let path = things.path(info);
                    let answer = owner.call(info.method.clone(), &path, Some(&request)).await;
                    let what = format!("{} {at} {text:?}", info.name);
                    if answer.status >= 300 {
                        is_refused_well(&answer, &what);
                        refused += 1;
                        continue;
                    }
                    kept_here += 1;
                    kept += 1;
                    let text = as_kept(&at, text);
                    assert!(
                        is_write_only(info, &at) || schema::has_text(&answer.body, &text),
                        "{what}: {answer:?}"
                    );
                    if let Some(in_spec) = at.strip_prefix("/spec").filter(|_| info.name == "CreateDeployment") {
                        let id = answer.body["deployment"]["deployment_id"].as_str().unwrap();
                        made.insert(id.to_owned(), (format!("/release/spec{in_spec}"), text));
                    }
                }
                if kept_here == 0 {
                    let after = state_but_for_tries(&db, info).await;
                    assert!(before == after, "{} {at}: what was refused changed something", info.name);
                }
            }
        }
        assert!(kept > 400 && refused > 1_000, "{kept} texts were kept, {refused} refused");

        // The runner receives each text exactly as it was typed.
        let address = server.serve().await;
        let token = format!("/workspace/{workspace_id}/runner/{}/rotate-token", things.runner_id);
        let token = owner.call(Method::POST, &token, None).await.body["token"].clone();
        let mut link = Link::open(address, token.as_str().unwrap()).await;
        link.send(&RunnerFrame::Hello(hello(PROTOCOL_VERSION))).await;
        while !made.is_empty() {
            let workloads = match link.receive().await {
                ServerFrame::DesiredState { workloads, .. } => workloads,
                ServerFrame::WorkloadChanged { workload, .. } => vec![*workload],
                _ => continue,
            };
            for workload in workloads {
                let Some((at, text)) = made.remove(&workload.deployment_id.to_string()) else {
                    continue;
                };
                let workload = serde_json::to_value(workload).unwrap();
                assert_eq!(workload.pointer(&at), Some(&json!(text)), "{at}");
            }
        }
    }

    async fn a_query_is_answered_or_refused_whatever_stands_in_it(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let mut walked = 0;
        for endpoint in schema::endpoints() {
            let info = &endpoint.info;
            for at in endpoint.query {
                let name = at.trim_start_matches('/').trim_end_matches("/0");
                for text in corpus::ALL.iter() {
                    let text = utf8_percent_encode(text, NON_ALPHANUMERIC);
                    let path = format!("{}?{name}={text}", things.path(info));
                    let answer = owner.get(&path).await;
                    assert!([200, 400, 422].contains(&answer.status), "{path}: {answer:?}");
                    walked += 1;
                }
            }
        }
        assert!(walked > 500, "only {walked} queries were tried");
    }

    async fn an_id_of_anything_else_is_not_found(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let before = state(&db).await;
        for info in ALL.iter().filter(|info| info.path.contains('{')) {
            let real = things.path(info);
            let fields = info.path.split('/').zip(real.split('/'));
            for (field, id) in fields.filter(|(field, _)| field.starts_with('{')) {
                for text in corpus::ALL.iter().filter(|text| text.len() < 200) {
                    let text = utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
                    let path = real.replacen(id, &text, 1);
                    let answer = owner.call(info.method.clone(), &path, Some(&json!({}))).await;
                    // An empty id makes another path, which may have another method.
                    let right = answer.status == 404 || text.is_empty() && answer.status == 405;
                    assert!(right, "{} {field} {path}: {answer:?}", info.name);
                }
            }
        }
        assert!(before == state(&db).await, "something changed");
    }
}
