//! Class 22: no address serves a file of the host.

use api::db_test;
use axum::{
    body::Body,
    http::{Request, header},
};
use harness::TestServer;

use crate::whole;

db_test! {
    async fn no_address_of_a_file_leads_outside_the_embedded_files(db: Db) {
        let server = TestServer::new(whole(db));
        let mut anyone = server.anybody();
        let page = anyone.page("/sign-in").await.text;
        let embedded = page.split("/pkg/").nth(1).and_then(|rest| rest.split('/').next()).unwrap();
        for way in [
            "..%2f..%2f..%2f..%2fetc%2fpasswd",
            "..%252f..%252fetc%252fpasswd",
            "%2fetc%2fpasswd",
            "..\u{5c}..\u{5c}etc",
            "....//....//etc/passwd",
            "../../../../etc/passwd",
            "%00",
            "..",
            "",
            "berth.js%00.css",
            "file:%2f%2f%2fetc%2fpasswd",
        ] {
            for before in [format!("/pkg/{embedded}/"), "/pkg/".to_owned(), "/icon.svg/".to_owned()] {
                let address = format!("{before}{way}");
                let Ok(request) = Request::get(&address).body(Body::empty()) else {
                    continue;
                };
                let answer = anyone.send(request).await;
                let kind = answer.headers.get(header::CONTENT_TYPE);
                let is_page = kind.is_some_and(|kind| kind == "text/html; charset=utf-8");
                assert!(answer.status >= 300 || is_page, "{address}: {answer:?}");
                assert!(!answer.text.contains("root:"), "{address}: {answer:?}");
            }
        }
    }
}
