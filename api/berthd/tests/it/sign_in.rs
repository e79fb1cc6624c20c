//! Signing in with a plain form.

use api::db_test;
use axum::http::header;
use harness::TestServer;

use crate::whole;

const ADA: &str = "ada@example.org";

/// A burst of three attempts and one a minute: no test waits for the next one.
const FEW: [(&str, &str); 2] = [
    ("BERTH__RATE_LIMITS__CREDENTIALS__PER_MINUTE", "1"),
    ("BERTH__RATE_LIMITS__CREDENTIALS__BURST", "3"),
];

db_test! {
    async fn a_form_that_is_refused_says_when_to_come_back(db: Db) {
        let server = TestServer::with_settings(whole(db), &FEW);
        server.set_up().await;
        let mut eve = server.anybody();
        while eve.sign_in(ADA, "guess guess").await.status != 429 {}
        let fields = [("_page", "/sign-in"), ("_success", "/"), ("email", ADA), ("password", "guess guess")];
        let refused = eve.submit("SignIn", &fields).await;
        assert_eq!(refused.status, 429);
        let wait = refused.headers[header::RETRY_AFTER].to_str().unwrap();
        assert!(refused.text.contains(&format!("Try again in {wait} seconds")), "{}", refused.text);
        assert!(!refused.headers.contains_key(header::REFRESH));
    }
}
