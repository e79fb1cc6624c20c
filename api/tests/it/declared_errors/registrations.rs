//! Errors of the registration of runners.

use std::net::SocketAddr;

use api::services;
use axum::http::Method;
use harness::{Client, TestServer, registration::RegistrationClient};
use models::{WorkspaceId, error::ErrorCode, runner::PROTOCOL_VERSION};
use serde_json::json;

use crate::declared_errors::Met;

pub(super) async fn meet(
    met: &mut Met,
    server: &TestServer,
    owner: &mut Client,
    workspace_id: WorkspaceId,
    address: SocketAddr,
) {
    let mut refused = async |client: &mut RegistrationClient| -> ErrorCode {
        let code = client.refusal().await;
        met.0.insert(("RegisterRunner", code));
        code
    };
    let mut too_new = RegistrationClient::with_protocol(address, PROTOCOL_VERSION + 1).await;
    refused(&mut too_new).await;

    let mut waiting = Vec::new();
    for _ in 0..5 {
        let mut client = RegistrationClient::open(address).await;
        client.code().await;
        waiting.push(client);
    }
    refused(&mut RegistrationClient::open(address).await).await;
    drop(waiting.split_off(2));
    let [mut first, mut second] = <[RegistrationClient; 2]>::try_from(waiting).unwrap();

    let path = format!("/workspace/{workspace_id}/registration");
    let found = owner.post(&path, &json!({"code": first.user_code})).await;
    let id = found.body["registration"]["registration_id"]
        .as_str()
        .unwrap();
    let one = format!("{path}/{id}");
    let taken = owner
        .post(&format!("{one}/approve"), &json!({"name": "first"}))
        .await;
    let denying = owner.call(Method::POST, &format!("{one}/deny"), None).await;
    assert_eq!(denying.status, 204, "{denying:?}");
    refused(&mut first).await;

    let found = owner.post(&path, &json!({"code": second.user_code})).await;
    let id = found.body["registration"]["registration_id"]
        .as_str()
        .unwrap();
    services::registration::withdraw(&server.app, id.parse().unwrap())
        .await
        .unwrap();
    refused(&mut second).await;

    met.answer("ApproveRegistration", &taken);
    let late = owner
        .post(&format!("{one}/approve"), &json!({"name": "late"}))
        .await;
    met.answer("ApproveRegistration", &late);
    let again = owner.call(Method::POST, &format!("{one}/deny"), None).await;
    met.answer("DenyRegistration", &again);
    let void = owner.post(&path, &json!({"code": second.user_code})).await;
    met.answer("FindRegistration", &void);
}
