//! Every endpoint × nobody, a stranger, an insufficient role, the right role.
//!
//! The cases come from the registry of endpoints, so that none is left out.

use api::db_test;
use axum::http::{Method, Request, header};
use harness::{Answer, Client, TestServer, Things};
use models::{
    api::{ALL, PREFIX},
    endpoint::{Access, EndpointInfo},
    rbac::Role,
};
use serde_json::json;

async fn call(client: &mut Client, info: &EndpointInfo, things: &Things) -> Answer {
    let path = things.path(info);
    assert!(
        !path.contains('{'),
        "{} has a field that this test does not know",
        info.name
    );
    client
        .call(info.method.clone(), &path, things.request(info).as_ref())
        .await
}

/// The position in the order of calls: destructive endpoints come last.
pub(crate) fn order(info: &EndpointInfo) -> u8 {
    match info.name {
        "DeleteApiToken" | "DeleteDeployment" | "DeleteEnvironment" | "DeleteProject"
        | "DeleteRegistry" | "DeleteSecret" | "DeleteVolume" => 1,
        // The volume must be in the trash first.
        "ForgetVolume" => 2,
        "SignOut" => 3,
        _ => 0,
    }
}

/// The status of an allowed call.
pub(crate) fn success(info: &EndpointInfo) -> u16 {
    match info.name {
        // It fails on the missing upgrade, which no test client makes.
        _ if info.stream => 400,
        // It finds no runner.
        "RunCommand" => 409,
        _ => info.success.as_u16(),
    }
}

/// Endpoints about what belongs to one person of the workspace.
const PERSONAL: [&str; 2] = ["DeleteApiToken", "GetApiToken"];

/// Endpoints that sign people in; their rules have their own tests.
const SIGNING_IN: [&str; 2] = ["CompleteSetup", "SignIn"];

db_test! {
    async fn every_endpoint_admits_exactly_the_callers_it_declares(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let mut nobody = server.anybody();
        let mut stranger = server.person("eve", None).await;
        let mut viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        let mut endpoints: Vec<&EndpointInfo> = ALL.iter().collect();
        endpoints.sort_by_key(|info| order(info));
        for info in endpoints {
            if SIGNING_IN.contains(&info.name) {
                assert_eq!(info.access, Access::Public);
                continue;
            }
            let success = success(info);
            let status = call(&mut nobody, info, &things).await.status;
            match info.access {
                Access::Public => {
                    assert_eq!(status, success, "{} and nobody", info.name);
                    continue;
                }
                _ => assert_eq!(status, 401, "{} and nobody", info.name),
            }
            match info.access {
                Access::Permission { permission, .. } => {
                    let answer = call(&mut stranger, info, &things).await;
                    assert_eq!(answer.status, 404, "{} and a stranger", info.name);
                    let answer = call(&mut viewer, info, &things).await;
                    if !Role::Viewer.grants().allow(permission) {
                        assert_eq!(answer.status, 403, "{} and a viewer", info.name);
                    } else if PERSONAL.contains(&info.name) {
                        assert_eq!(answer.status, 404, "{} and a viewer", info.name);
                    } else if !info.stream {
                        assert_eq!(answer.status, success, "{} and a viewer", info.name);
                    }
                }
                Access::Runner => {
                    let answer = call(&mut owner, info, &things).await;
                    assert_eq!(answer.status, 401, "{} and a person", info.name);
                    continue;
                }
                Access::Public | Access::SignedIn => {}
            }
            let answer = call(&mut owner, info, &things).await;
            assert_eq!(answer.status, success, "{} and the owner: {answer:?}", info.name);
        }
    }

    async fn another_workspaces_ids_are_not_found(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let mut things = Things::make(&server, &mut owner, workspace_id).await;
        // Eve owns a workspace too, so every role check passes, and names Ada's resources in
        // it.
        let mut eve = server.person("eve", None).await;
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        things.workspace_id = own.body["workspace"]["workspace_id"].as_str().unwrap().parse().unwrap();
        let mut walked = 0;
        for info in ALL {
            let things_of_path =
                ["deployment", "environment", "project", "registration", "registry", "release", "runner", "secret", "volume"].map(|thing| format!("{{{thing}_id}}"));
            let names_a_thing = things_of_path.iter().any(|field| info.path.contains(field));
            // Streams check this after the upgrade; `streams` has those tests.
            let names_a_runner = ["CreateDeployment", "CreateVolume"].contains(&info.name);
            if info.stream || !(names_a_thing || names_a_runner) {
                continue;
            }
            walked += 1;
            let answer = call(&mut eve, info, &things).await;
            let expected = if names_a_runner { "runner_not_found" } else { "not_found" };
            assert_eq!(answer.code(), expected, "{}", info.name);
        }
        assert!(walked >= 40, "only {walked} endpoints were walked");
        let path = format!("/workspace/{workspace_id}/deployment/{}", things.deployment_id);
        let untouched = owner.get(&path).await;
        assert_eq!(untouched.body["deployment"]["desired"], "running");
        assert_eq!(untouched.body["deployment"]["spec"]["image"], "app:1");
    }

    async fn a_member_is_sent_their_grants_with_the_workspace(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let mut viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        for (person, role) in [(&mut owner, Role::Owner), (&mut viewer, Role::Viewer)] {
            let grants = json!(role.grants());
            let one = person.get(&format!("/workspace/{workspace_id}")).await;
            assert_eq!(one.body["workspace"]["grants"], grants);
            let all = person.get("/workspace").await;
            assert_eq!(all.body["items"][0]["grants"], grants);
        }
        let new = viewer.post("/workspace", &json!({"name": "own"})).await;
        assert_eq!(new.body["workspace"]["grants"], json!(Role::Owner.grants()));
    }

    async fn a_runners_token_opens_nothing_but_its_link(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let path = format!("/workspace/{workspace_id}/runner");
        let made = owner.post(&path, &json!({"name": "first"})).await;
        let token = made.body["token"].as_str().unwrap();
        let mut runner = server.anybody();
        for info in ALL.iter().filter(|info| info.access != Access::Public) {
            let request = Request::builder()
                .method(info.method.clone())
                .uri(format!("{PREFIX}{}", info.path.replace("{workspace_id}", &workspace_id.to_string())))
                .header(header::AUTHORIZATION, format!("Bearer {token}"))
                .body(axum::body::Body::empty())
                .unwrap();
            let status = runner.send(request).await.status;
            match info.access {
                // The call is allowed, and then fails on the missing upgrade.
                Access::Runner => assert_eq!(status, 400),
                _ => assert!([401, 404].contains(&status), "{} gave {status}", info.name),
            }
        }
    }
}

#[test]
fn no_get_needs_more_than_looking() {
    // A stream is not an address that a link can open: it checks the request's origin.
    let gets = ALL.iter().filter(|info| info.method == Method::GET);
    for info in gets.filter(|info| !info.stream) {
        if let Access::Permission { permission, .. } = info.access {
            assert!(
                Role::Viewer.grants().allow(permission),
                "{} changes something",
                info.name
            );
        }
    }
}
