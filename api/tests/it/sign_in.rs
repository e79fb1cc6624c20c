//! Protection against password guessing, and people who sign in meanwhile.

use api::{db::Db, db_test, store::audit_event};
use axum::http::{Request, header};
use harness::{Answer, Client, TestServer};
use serde_json::json;

const RIGHT: &str = "correct horse battery staple";
const ADA: &str = "ada@example.org";

/// A burst of three attempts and one a minute: no test waits for the next one.
const FEW: [(&str, &str); 2] = [
    ("BERTH__RATE_LIMITS__CREDENTIALS__PER_MINUTE", "1"),
    ("BERTH__RATE_LIMITS__CREDENTIALS__BURST", "3"),
];
/// A burst of five attempts at one account, and one a minute.
const FEW_FOR_AN_ACCOUNT: [(&str, &str); 2] = [
    ("BERTH__RATE_LIMITS__ACCOUNT__PER_MINUTE", "1"),
    ("BERTH__RATE_LIMITS__ACCOUNT__BURST", "5"),
];
const PROXY: [(&str, &str); 1] = [("BERTH__SERVER__TRUSTED_PROXIES", "[\"0.0.0.0\"]")];

/// Signs in through a proxy that forwards this address.
async fn sign_in_from(client: &mut Client, address: &str, email: &str, password: &str) -> Answer {
    let request = Request::post("/api/v1/session")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-forwarded-for", address)
        .body(
            json!({"email": email, "password": password})
                .to_string()
                .into(),
        )
        .unwrap();
    client.send(request).await
}

/// The recorded audit events, oldest first.
///
/// Each is the actor, the action, the address, and whether the person is known.
async fn recorded(db: &Db) -> Vec<(String, String, String, bool)> {
    let newest = audit_event::newest_outside(db, 1_000).await.unwrap();
    let rows = newest.into_iter().rev();
    rows.map(|row| {
        (
            row.actor_name,
            row.action,
            row.address,
            row.actor_user_id.is_some(),
        )
    })
    .collect()
}

db_test! {
    async fn guessing_does_not_lock_out_known_browsers(db: Db) {
        let server = TestServer::with_settings(db, &FEW);
        let (mut ada, _) = server.set_up().await;
        let mut eve = server.anybody();
        while eve.sign_in(ADA, "guess guess").await.status != 429 {}
        assert_eq!(eve.sign_in(ADA, RIGHT).await.status, 429);
        // All share an address. Ada's browser has a limit of its own, which is finite too.
        let status = ada.sign_in(ADA, "mistyped it").await.status;
        assert_eq!(status, 401);
        assert_eq!(ada.sign_in(ADA, RIGHT).await.status, 201);
        let mut stolen = ada.clone();
        while stolen.sign_in(ADA, "guess guess").await.status != 429 {}
        // The browser is known only at Ada's account.
        assert_eq!(ada.sign_in("bob@example.org", RIGHT).await.status, 429);
    }

    async fn a_device_cookie_is_sealed_and_reveals_nothing(db: Db) {
        let server = TestServer::with_settings(db, &FEW);
        let (ada, _) = server.set_up().await;
        let cookie = ada.cookie();
        let device = cookie.split("; ").find(|pair| pair.starts_with("berth-device="));
        let device = device.unwrap().split_once('=').unwrap().1;
        let mut eve = server.anybody();
        while eve.sign_in(ADA, "guess guess").await.status != 429 {}
        let mut forged = device.to_owned();
        let last = forged.pop().unwrap();
        forged.push(if last == 'A' { 'B' } else { 'A' });
        for (value, status) in [(device, 401), (&forged, 429), ("", 429), ("AAAA", 429)] {
            let request = Request::post("/api/v1/session")
                .header(header::CONTENT_TYPE, "application/json")
                .header("sec-fetch-site", "same-origin")
                .header(header::COOKIE, format!("berth-device={value}"))
                .body(json!({"email": ADA, "password": "guess guess"}).to_string().into())
                .unwrap();
            assert_eq!(server.anybody().send_as_it_is(request).await.status, status, "{value}");
        }
        // The device cookie signs nobody in.
        let request = Request::get("/api/v1/session")
            .header(header::COOKIE, format!("berth-device={device}"));
        let answer = server.anybody().send_as_it_is(request.body("".into()).unwrap()).await;
        assert_eq!(answer.status, 401);
    }

    async fn an_account_is_slowed_over_all_addresses_and_not_locked(db: Db) {
        let settings = [FEW_FOR_AN_ACCOUNT.as_slice(), &PROXY].concat();
        let server = TestServer::with_settings(db, &settings);
        let (mut ada, _) = server.set_up().await;
        let mut eve = server.anybody();
        let mut statuses = Vec::new();
        for host in 1..=6 {
            let address = format!("203.0.113.{host}");
            let answer = sign_in_from(&mut eve, &address, ADA, "guess guess").await;
            statuses.push(answer.status);
        }
        assert_eq!(statuses, [401, 401, 401, 401, 401, 429]);
        // Whatever the case of the address; unknown accounts are no different.
        let answer = sign_in_from(&mut eve, "203.0.113.9", "ADA@example.org", RIGHT).await;
        assert_eq!(answer.status, 429);
        let wait: u64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((30..=60).contains(&wait), "{wait}");
        for host in 1..=6 {
            let address = format!("198.51.100.{host}");
            let answer = sign_in_from(&mut eve, &address, "nobody@example.org", RIGHT).await;
            assert_eq!(answer.status, if host < 6 { 401 } else { 429 });
        }
        // Others are not slowed, nor is the browser in which Ada signed in before.
        server.person("bob", None).await;
        let answer = sign_in_from(&mut ada, "203.0.113.9", ADA, RIGHT).await;
        assert_eq!(answer.status, 201);
    }

    async fn an_attempt_waits_for_its_turn_before_it_is_refused(db: Db) {
        // One attempt every two seconds.
        let server = TestServer::with_settings(db, &[
            ("BERTH__RATE_LIMITS__ACCOUNT__PER_MINUTE", "30"),
            ("BERTH__RATE_LIMITS__ACCOUNT__BURST", "1"),
        ]);
        server.set_up().await;
        let mut eve = server.anybody();
        assert_eq!(eve.sign_in(ADA, "guess guess").await.status, 401);
        let begun = std::time::Instant::now();
        assert_eq!(server.anybody().sign_in(ADA, RIGHT).await.status, 201);
        assert!(begun.elapsed().as_millis() > 500, "{:?}", begun.elapsed());
    }

    async fn both_outcomes_are_recorded_with_who_and_from_where(db: Db) {
        let settings = [FEW.as_slice(), &PROXY].concat();
        let server = TestServer::with_settings(db.clone(), &settings);
        server.set_up().await;
        let mut someone = server.anybody();
        sign_in_from(&mut someone, "203.0.113.7", "Ada@example.org", "wrong password").await;
        sign_in_from(&mut someone, "203.0.113.7", "eve@example.org", RIGHT).await;
        sign_in_from(&mut someone, "203.0.113.8", ADA, RIGHT).await;
        let entry = |name: &str, action: &str, address: &str, is_known| {
            (name.to_owned(), action.to_owned(), address.to_owned(), is_known)
        };
        let expected = [
            entry("Ada", "setup.complete", "0.0.0.0", true),
            entry("Ada@example.org", "session.create_failed", "203.0.113.7", true),
            entry("eve@example.org", "session.create_failed", "203.0.113.7", false),
            entry("Ada", "session.create", "203.0.113.8", true),
        ];
        assert_eq!(recorded(&db).await, expected);
        // An attempt refused before the password check leaves no row, so a flood cannot fill
        // the table.
        while sign_in_from(&mut someone, "203.0.113.7", ADA, "wrong password").await.status != 429 {}
        let rows = recorded(&db).await.len();
        sign_in_from(&mut someone, "203.0.113.7", ADA, "wrong password").await;
        assert_eq!(recorded(&db).await.len(), rows);
    }
}
