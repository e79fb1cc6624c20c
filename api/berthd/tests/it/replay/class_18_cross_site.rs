//! Class 18: pages of other sites cannot change anything with a visitor's cookie.

use api::db_test;
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use harness::{TestServer, Things, contents::state};
use models::{
    api::{ALL, PREFIX},
    endpoint::{Access, EndpointInfo},
};

use crate::whole;

/// The headers of a browser when another site causes the request.
const ELSEWHERE: [(&str, &str); 5] = [
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"),
    ("origin", "https://evil.example"),
    ("origin", "null"),
    ("origin", "http://evil"),
];

/// True if programs may call the endpoint under any name of the server.
fn is_for_programs(info: &EndpointInfo) -> bool {
    info.stream && info.access == Access::Public
}

db_test! {
    async fn every_change_every_stream_and_every_form_refuses_other_sites(db: Db) {
        let server = TestServer::new(whole(db.clone()));
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let before = state(&db).await;
        let (cookie, mut anyone) = (owner.cookie(), server.anybody());
        let mut walked = 0;
        let changes = ALL.iter().filter(|info| info.stream || info.method != Method::GET);
        for info in changes.filter(|info| info.access != Access::Runner) {
            let body = things.request(info).unwrap_or_default().to_string();
            let path = format!("{PREFIX}{}", things.path(info));
            for (name, value) in ELSEWHERE {
                for content in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
                    let request = Request::builder()
                        .method(info.method.clone())
                        .uri(&path)
                        .header(header::COOKIE, &cookie)
                        .header(header::CONTENT_TYPE, content)
                        .header(name, value);
                    // An attacker who chooses the origin may choose the host, too.
                    let request = match value.strip_prefix("http://") {
                        Some(host) => request.header(header::HOST, host),
                        None => request,
                    };
                    // A browser without fetch metadata sends only its origin.
                    let request = request.body(Body::from(body.clone())).unwrap();
                    let answer = anyone.send_as_it_is(request).await;
                    let code = if value == "http://evil" && !is_for_programs(info) {
                        "misdirected_request"
                    } else {
                        "cross_site_request"
                    };
                    assert_eq!(answer.code(), code, "{} {name}: {value}", info.name);
                    walked += 1;
                }
                if !info.stream {
                    let request = Request::post(format!("/form/{}", info.name))
                        .header(header::COOKIE, &cookie)
                        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                        .header(name, value);
                    let answer = anyone.send_as_it_is(request.body("name=a".into()).unwrap()).await;
                    assert_eq!(answer.status, 403, "the form of {}", info.name);
                }
            }
        }
        assert!(walked > 300, "only {walked} requests were made");
        assert!(before == state(&db).await, "something changed");
    }
}
