//! The pages of registrations, without scripts.

use api::db_test;
use axum::http::header;
use harness::{Answer, TestServer, registration::waiting};
use models::rbac::Role;
use serde_json::json;

use crate::whole;

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.headers[header::LOCATION]
        .to_str()
        .unwrap()
        .to_owned()
}

db_test! {
    async fn the_link_that_a_runner_shows_leads_to_its_registration(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let (id, code) = waiting(&server).await;
        let link = format!("/register?code={code}");
        let away = location(&server.anybody().page(&link).await);
        assert!(away.starts_with("/sign-in?next=%2Fregister%3Fcode%3D"), "{away}");

        let page = location(&owner.page(&link).await);
        assert_eq!(page, format!("/workspace/{workspace_id}/registration?code={code}"));
        let entering = owner.page(&page).await;
        assert!(entering.text.contains("action=\"/form/FindRegistration\""), "{}", entering.text);
        assert!(entering.text.contains(&format!("value=\"{code}\"")), "{}", entering.text);

        let workspace = workspace_id.to_string();
        let success = format!("/workspace/{workspace_id}/registration/{{registration.registration_id}}");
        let mut fields = [
            ("_page", page.as_str()),
            ("_success", success.as_str()),
            ("_path.workspace_id", workspace.as_str()),
            ("code", "BBBB-BBBB"),
        ];
        let wrong = owner.submit("FindRegistration", &fields).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.text.contains("No runner is waiting with this code"), "{}", wrong.text);
        fields[3] = ("code", &code);
        let found = location(&owner.submit("FindRegistration", &fields).await);
        assert_eq!(found, format!("/workspace/{workspace_id}/registration/{id}"));

        let page = owner.page(&found).await;
        assert!(page.text.contains("only if you started it yourself"), "{}", page.text);
        for told in ["Requested from", "Host name", "linux on x86_64", "Runner version", "value=\"test\""] {
            assert!(page.text.contains(told), "{told} is missing: {}", page.text);
        }
        let success = format!("/workspace/{workspace_id}/runner/{{runner.runner_id}}");
        let fields = [
            ("_page", found.as_str()),
            ("_success", success.as_str()),
            ("_path.workspace_id", workspace.as_str()),
            ("_path.registration_id", id.as_str()),
            ("name", "build-box"),
        ];
        let runner = location(&owner.submit("ApproveRegistration", &fields).await);
        let runner_page = owner.page(&runner).await;
        assert_eq!(runner_page.status, 200, "{}", runner_page.text);
        assert!(runner_page.text.contains("Not connected yet"), "{}", runner_page.text);
        let decided = owner.page(&found).await;
        assert!(decided.text.contains("This runner was added"), "{}", decided.text);
        assert!(decided.text.contains(&runner) && !decided.text.contains("/form/ApproveRegistration"));
    }

    async fn a_member_of_several_workspaces_chooses_one(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, first) = server.set_up().await;
        let second = owner.post("/workspace", &json!({"name": "second"})).await;
        let second = second.body["workspace"]["workspace_id"].as_str().unwrap();
        let page = owner.page("/register?code=bdwphqpk").await;
        assert_eq!(page.status, 200);
        for workspace in [first.to_string().as_str(), second] {
            let link = format!("/workspace/{workspace}/registration?code=BDWP-HQPK");
            assert!(page.text.contains(&link), "{link} is missing: {}", page.text);
        }
        // Text that is not a code goes no further.
        let page = owner.page("/register?code=%22%3E%3Cscript%3E").await;
        assert!(!page.text.contains("?code="), "{}", page.text);
    }

    async fn a_viewer_is_told_whom_to_ask(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let mut viewer = server.person("vic", Some((workspace_id, Role::Viewer))).await;
        let page = viewer.page("/register?code=BDWP-HQPK").await;
        assert!(page.text.contains("Ask an owner"), "{}", page.text);
        let page = viewer.page(&format!("/workspace/{workspace_id}/registration")).await;
        assert!(!page.text.contains("/form/FindRegistration"), "{}", page.text);
        let (id, code) = waiting(&server).await;
        let path = format!("/workspace/{workspace_id}/registration");
        owner.post(&path, &json!({"code": code})).await;
        let page = viewer.page(&format!("{path}/{id}")).await;
        assert!(page.text.contains("Workspace owners can approve or deny this runner"), "{}", page.text);
        assert!(!page.text.contains("/form/ApproveRegistration"), "{}", page.text);
    }
}
