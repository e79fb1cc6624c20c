//! Pages and forms without scripts.

use api::{db_test, services};
use axum::{
    body::Body,
    http::{Request, header},
};
use harness::TestServer;
use serde_json::json;
use tower::ServiceExt;

use crate::whole;

db_test! {
    async fn a_newcomer_sets_up_with_plain_forms(db: Db) {
        let server = TestServer::new(whole(db));
        let token = services::setup::new_token(&server.app).await.unwrap().unwrap();
        let mut ada = server.anybody();
        let page = format!("/setup?token={}", token.expose());
        let answer = ada.page(&page).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("action=\"/form/CompleteSetup\""), "{}", answer.text);
        let mut fields = vec![
            ("_page", page.as_str()),
            ("_success", "/workspace/{workspace.workspace_id}"),
            ("token", token.expose()),
            ("name", "Ada"),
            ("email", "ada"),
            ("password", "correct horse battery staple"),
            ("workspace_name", "main"),
        ];
        let answer = ada.submit("CompleteSetup", &fields).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("Enter an email address"), "{}", answer.text);
        assert!(!answer.text.contains("correct horse"), "the password came back");
        fields[4] = ("email", "ada@example.org");
        let answer = ada.submit("CompleteSetup", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let home = answer.headers[header::LOCATION].to_str().unwrap().to_owned();
        let answer = ada.page(&home).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text.contains("main"));
    }

    async fn pages_before_sign_in_load_no_scripts_and_others_lead_there(db: Db) {
        let server = TestServer::new(whole(db));
        let (_, workspace_id) = server.set_up().await;
        let mut nobody = server.anybody();
        let answer = nobody.page("/sign-in").await;
        assert_eq!(answer.status, 200);
        assert!(!answer.text.contains(".wasm"), "{}", answer.text);
        let answer = nobody.page(&format!("/workspace/{workspace_id}")).await;
        assert_eq!(answer.status, 303);
        let to = answer.headers[header::LOCATION].to_str().unwrap();
        assert!(to.starts_with("/sign-in?next="), "{to}");
    }

    async fn pages_are_compressed_for_those_who_take_it(db: Db) {
        let server = TestServer::new(whole(db));
        for accepted in [None, Some("gzip")] {
            let mut request = Request::builder().uri("/sign-in");
            if let Some(accepted) = accepted {
                request = request.header(header::ACCEPT_ENCODING, accepted);
            }
            let request = request.body(Body::empty()).unwrap();
            let answer = server.router.clone().oneshot(request).await.unwrap();
            let coding = answer.headers().get(header::CONTENT_ENCODING);
            assert_eq!(coding.map(|value| value.to_str().unwrap()), accepted);
        }
    }

    async fn a_page_of_something_that_is_not_there_is_a_404(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        assert_eq!(owner.page("/nothing/here").await.status, 404);
        let page = format!("/workspace/{workspace_id}/deployment/{}", uuid::Uuid::nil());
        assert_eq!(owner.page(&page).await.status, 404);
        let mut eve = server.person("eve", None).await;
        assert_eq!(eve.page(&format!("/workspace/{workspace_id}")).await.status, 404);
    }

    async fn typed_text_is_never_markup_or_script(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let page = format!("/workspace/{workspace_id}/deployment/new");
        // Without a runner the page has no form.
        let runners = format!("/workspace/{workspace_id}/runner");
        owner.post(&runners, &json!({"name": "first"})).await;
        let evil = "\"><script>alert(1)</script>";
        let answer = owner
            .submit("CreateDeployment", &[
                ("_page", &page),
                ("_success", "/"),
                ("_path.workspace_id", &workspace_id.to_string()),
                ("name", evil),
                ("runner_id", &uuid::Uuid::nil().to_string()),
                ("spec[image]", "\"><img src=x onerror=alert(1)>"),
            ])
            .await;
        assert_eq!(answer.status, 422);
        assert!(answer.text.contains("&quot;&gt;&lt;script&gt;alert(1)"), "what was typed is not shown: {}", answer.text);
        assert!(!answer.text.contains(evil) && !answer.text.contains("\"><img src=x"));
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("script-src 'nonce-") && !policy.contains("unsafe-inline"));
    }

    async fn a_form_from_another_site_is_refused_and_leads_nowhere_else(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, _) = server.set_up().await;
        let body = "_success=https%3A%2F%2Fevil.example&name=other";
        let request = |site: &str| {
            axum::http::Request::post("/form/CreateWorkspace")
                .header("sec-fetch-site", site)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body.into())
                .unwrap()
        };
        assert_eq!(owner.send(request("cross-site")).await.status, 403);
        assert_eq!(owner.get("/workspace").await.body["total"], 1);
        let answer = owner.send(request("same-origin")).await;
        assert_eq!(answer.status, 303);
        assert_eq!(answer.headers[header::LOCATION], "/");
    }

    async fn a_new_runners_token_is_shown_once_and_in_no_address(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let page = format!("/workspace/{workspace_id}/runner/new");
        let answer = owner
            .submit("CreateRunner", &[
                ("_page", &page),
                ("_path.workspace_id", &workspace_id.to_string()),
                ("name", "second"),
            ])
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.contains("berth_runner_"), "{}", answer.text);
        let runners = owner.get(&format!("/workspace/{workspace_id}/runner")).await;
        assert_eq!(runners.body["total"], json!(1));
        assert!(!runners.text.contains("berth_runner_"));

        let id = runners.body["items"][0]["runner_id"].as_str().unwrap();
        let page = format!("/workspace/{workspace_id}/runner/{id}/token");
        let its_page = owner.page(&format!("/workspace/{workspace_id}/runner/{id}")).await;
        assert!(its_page.text.contains(&page), "no way leads to {page}");
        let asked = owner.page(&page).await;
        assert!(asked.text.contains("stops working immediately"), "{}", asked.text);
        let answer = owner
            .submit("RotateRunnerToken", &[
                ("_page", &page),
                ("_path.workspace_id", &workspace_id.to_string()),
                ("_path.runner_id", id),
            ])
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.text.contains("BERTH_RUNNER_TOKEN=berth_runner_"), "{}", answer.text);
        assert!(!owner.page(&page).await.text.contains("berth_runner_"));
    }

    async fn a_page_counts_as_one_read_and_one_too_many_says_when_to_come_back(db: Db) {
        let server = TestServer::with_settings(whole(db), &[
            ("BERTH__RATE_LIMITS__READS__PER_MINUTE", "1"),
            ("BERTH__RATE_LIMITS__READS__BURST", "40"),
        ]);
        let (mut owner, workspace_id) = server.set_up().await;
        let page = format!("/workspace/{workspace_id}");
        for load in 1..=40 {
            assert_eq!(owner.page(&page).await.status, 200, "load {load}");
        }
        let refused = owner.page(&page).await;
        assert_eq!(refused.status, 429);
        let wait: u64 = refused.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((30..=60).contains(&wait), "{wait}");
        assert_eq!(refused.headers[header::REFRESH], refused.headers[header::RETRY_AFTER]);
        assert!(refused.text.contains(&format!("Try again in {wait} seconds")), "{}", refused.text);
        // API calls count together with pages, and forms count as changes.
        let refused = owner.get("/session").await;
        assert_eq!((refused.status, refused.code()), (429, "rate_limited"));
        assert!(refused.headers.contains_key(header::RETRY_AFTER));
        let fields = [("_page", "/workspace/new"), ("_success", "/"), ("name", "other")];
        assert_eq!(owner.submit("CreateWorkspace", &fields).await.status, 303);
        // Other people have their own limit.
        let mut eve = server.person("eve", None).await;
        assert_eq!(eve.page("/workspace/new").await.status, 200);
    }
}
