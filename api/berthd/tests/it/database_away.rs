//! A PostgreSQL outage: callers are told at once, and service resumes after it.

use std::time::Duration;

use api::db::testing;
use axum::http::{Method, header};
use harness::{Answer, ChaosProxy, TestServer, eventually};
use serde_json::json;
use tokio::time::timeout;

use crate::whole;

/// Far less than the same calls would take if each waited for a connection.
const AT_ONCE: Duration = Duration::from_secs(30);

fn says_so(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(
        answer.headers.contains_key(header::RETRY_AFTER),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_request_fails_at_once_while_the_database_is_away() {
    let Some(postgres) = testing::TestPostgres::create().await else {
        return;
    };
    let mut proxy = ChaosProxy::before(&postgres.url).await;
    let db = testing::open_postgres(&proxy.url).await.unwrap();
    let server = TestServer::new(whole(db.clone()));
    let (mut ada, workspace_id) = server.set_up().await;

    proxy.shut().await;
    let home = format!("/workspace/{workspace_id}");
    let sign_in = json!({"email": "ada@example.org", "password": "correct horse battery staple"});
    let calls = async {
        for _ in 0..20 {
            for path in ["/session", home.as_str(), "/workspace"] {
                let answer = ada.get(path).await;
                says_so(&answer);
                assert_eq!(answer.code(), "database_unavailable");
            }
            let answer = server.anybody().post("/session", &sign_in).await;
            says_so(&answer);
            assert_eq!(answer.code(), "database_unavailable");
            let answer = ada.call(Method::DELETE, "/session", None).await;
            assert_eq!(answer.code(), "database_unavailable");
        }
        for path in ["/", home.as_str()] {
            let answer = ada.page(path).await;
            says_so(&answer);
            assert!(
                answer.text.contains("cannot reach its database"),
                "{}",
                answer.text
            );
        }
        let fields = [
            ("_page", "/sign-in"),
            ("email", "ada@example.org"),
            ("password", "correct horse battery staple"),
        ];
        let answer = server.anybody().submit("SignIn", &fields).await;
        says_so(&answer);
        assert!(
            answer.text.contains("cannot reach its database"),
            "{}",
            answer.text
        );
    };
    timeout(AT_ONCE, calls)
        .await
        .expect("nobody waits for a database that is away");

    // The outage signed nobody out.
    proxy.open().await;
    eventually("the database is back", async || {
        (ada.get("/session").await.status == 200).then_some(())
    })
    .await;
    assert_eq!(ada.page(&home).await.status, 200);
    db.close().await;
    postgres.drop().await;
}
