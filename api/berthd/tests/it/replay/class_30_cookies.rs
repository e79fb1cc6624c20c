//! Class 30: cookies ignore ports, so a session belongs to one host name alone.

use api::{client::ClientAddress, db_test, services};
use axum::{
    body::Body,
    http::{Request, header},
};
use harness::{TestServer, streams::hello};
use models::{rbac::Role, runner::RunnerInfo};
use serde_json::json;

use crate::whole;

const RIGHT: &str = "correct horse battery staple";
const TLS: (&str, &str) = ("BERTH__SERVER__PUBLIC_URL", "https://berth.example.org");

fn sign_in(host: &str) -> Request<Body> {
    Request::post("/api/v1/session")
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, "application/json")
        .body(
            json!({"email": "ada@example.org", "password": RIGHT})
                .to_string()
                .into(),
        )
        .unwrap()
}

fn get(path: &str, host: &str) -> Request<Body> {
    let request = Request::get(path).header(header::HOST, host);
    request.body(Body::empty()).unwrap()
}

db_test! {
    async fn no_other_host_name_gets_a_session_or_has_one_honored(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, _) = server.set_up().await;
        for host in ["127.0.0.1:3000", "[::1]:3000", "berth.evil.example", "localhost."] {
            let answer = server.anybody().send(sign_in(host)).await;
            assert_eq!((answer.status, answer.code()), (421, "misdirected_request"), "{host}");
            assert!(!answer.headers.contains_key(header::SET_COOKIE), "{host}");
            let answer = owner.send(get("/api/v1/session", host)).await;
            assert_eq!(answer.status, 421, "{host}");
        }
        assert_eq!(owner.send(get("/api/v1/session", "localhost:3000")).await.status, 200);
    }

    async fn probes_and_runners_may_use_any_name_and_get_no_cookie(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, _) = server.set_up().await;
        for path in ["/healthz", "/readyz"] {
            let answer = owner.send(get(path, "10.0.0.7:3000")).await;
            assert_eq!(answer.status, 200, "{path}");
            assert!(!answer.headers.contains_key(header::SET_COOKIE));
        }
        // Refused for its token, not for its host.
        let answer = owner.send(get("/api/v1/runner/link", "10.0.0.7:3000")).await;
        assert_eq!((answer.status, answer.code()), (401, "unauthenticated"));
    }

    async fn over_tls_all_cookies_are_bound_to_the_host_and_old_ones_go(db: Db) {
        let server = TestServer::with_settings(whole(db), &[TLS]);
        server.set_up().await;
        let mut ada = server.anybody();
        let mut request = sign_in("berth.example.org");
        let old = "berth=abc; theme=dark".parse().unwrap();
        request.headers_mut().insert(header::COOKIE, old);
        let answer = ada.send(request).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let set: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
        let set: Vec<&str> = set.iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(set.len(), 3, "{set:?}");
        assert!(set.contains(&"berth=; Path=/; Max-Age=0"), "{set:?}");
        for name in ["__Host-berth=", "__Host-berth-device="] {
            let cookie = set.iter().find(|cookie| cookie.starts_with(name)).unwrap();
            for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
                assert!(cookie.contains(part), "{cookie} lacks {part}");
            }
            assert!(!cookie.contains("Domain"), "{cookie}");
        }
        // The cookie's name without TLS is not accepted.
        let id = set.iter().find_map(|cookie| cookie.strip_prefix("__Host-berth="));
        let id = id.unwrap().split(';').next().unwrap();
        let mut request = get("/api/v1/session", "berth.example.org");
        request.headers_mut().insert(header::COOKIE, format!("berth={id}").parse().unwrap());
        assert_eq!(server.anybody().send_as_it_is(request).await.status, 401);
    }

    async fn a_runner_whose_apps_share_the_host_is_shown_to_those_who_can_change_it(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        for (name, published, is_shared) in [
            ("apart", "127.0.0.2", false),
            ("other", "192.0.2.7", false),
            ("same", "127.0.0.1", true),
            ("all", "0.0.0.0", true),
        ] {
            let made = owner.post(&runners, &json!({"name": name})).await;
            let runner_id = made.body["runner"]["runner_id"].as_str().unwrap().parse().unwrap();
            let about = RunnerInfo {
                publish_address: Some(published.parse().unwrap()),
                ..hello(1).about
            };
            let here = ClientAddress([127, 0, 0, 1].into());
            let epoch = services::runner::acquire_lease(&server.app, runner_id, here).await.unwrap();
            services::runner::record_info(&server.app, runner_id, epoch, &about).await.unwrap();
            let path = format!("{runners}/{runner_id}");
            let shown = owner.get(&path).await.body["runner"]["shares_dashboard_host"].clone();
            assert_eq!(shown == true, is_shared, "{name}");
            let page = owner.page(&format!("/workspace/{workspace_id}/runner/{runner_id}")).await;
            assert_eq!(page.text.contains("can take over the sessions"), is_shared, "{name}");
        }
        let listed = owner.page(&format!("/workspace/{workspace_id}/runner")).await;
        assert!(listed.text.contains("Apps on all, same can take over"), "{}", listed.text);
        let viewer = server.person("viewer", Some((workspace_id, Role::Viewer))).await;
        let listed = viewer.clone().page(&format!("/workspace/{workspace_id}/runner")).await;
        assert_eq!(listed.status, 200);
        assert!(!listed.text.contains("can take over"), "{}", listed.text);
    }

    async fn a_trusted_proxy_may_say_which_host_was_asked_for(db: Db) {
        let server = |trusted| {
            let trusted = ("BERTH__SERVER__TRUSTED_PROXIES", trusted);
            TestServer::with_settings(whole(db.clone()), &[TLS, trusted])
        };
        let (trusting, other) = (server("[\"127.0.0.0/8\"]"), server("[]"));
        let request = "GET /sign-in HTTP/1.1\r\nHost: 127.0.0.1:3000\r\n\
                       X-Forwarded-Host: berth.example.org\r\nConnection: close\r\n\r\n";
        let answer = raw(trusting.serve().await, request).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let answer = raw(other.serve().await, request).await;
        assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
    }
}

/// Sends bytes to a server, and returns its answer until the connection ends.
async fn raw(address: std::net::SocketAddr, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
