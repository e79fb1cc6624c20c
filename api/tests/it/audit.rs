//! Audit events: each is stored together with the change that it tells of.

use api::{
    db::testing::execute,
    db_test,
    store::{self, audit_event::Recorded},
};
use harness::{TestServer, Things, contents};
use models::api::ALL;
use serde_json::json;

/// Calls that change no table but that of the sessions.
const SESSIONS: [&str; 3] = ["CompleteSetup", "SignIn", "SignOut"];

db_test! {
    async fn no_change_is_made_without_its_record(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        execute(&db, "ALTER TABLE audit_event RENAME TO elsewhere").await;
        let before = contents::state(&db).await;
        let mut refused = 0;
        let audited = ALL.iter().filter(|info| info.audit.is_some());
        for info in audited.filter(|info| !SESSIONS.contains(&info.name)) {
            let (path, request) = (things.path(info), things.request(info));
            let answer = owner.call(info.method.clone(), &path, request.as_ref()).await;
            assert!(before == contents::state(&db).await, "{} changed something", info.name);
            refused += usize::from(answer.status == 500);
        }
        assert!(refused > 20, "only {refused} changes were refused");
    }

    async fn a_change_is_recorded_once(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut owner, workspace_id) = server.set_up().await;
        let secrets = format!("/workspace/{workspace_id}/secret");
        let request = json!({"name": "KEY", "secret_value": "hush"});
        assert_eq!(owner.post(&secrets, &request).await.status, 201);
        assert_eq!(owner.post(&secrets, &request).await.code(), "secret_name_taken");
        let recorded = store::audit_event::newest(&db, workspace_id, 10).await.unwrap();
        let actions: Vec<_> = recorded.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions, ["secret.create"], "a refused call is no change");
        let outside = store::audit_event::newest_outside(&db, 10).await.unwrap();
        let by: Vec<_> = outside.iter().map(named).collect();
        assert_eq!(by, [("setup.complete", "person", true)]);
    }
}

/// The action of an event, the kind of its actor, and true if the actor has an id.
fn named(event: &Recorded) -> (&str, &str, bool) {
    let has_id = event.actor_user_id.is_some();
    (&event.action, &event.actor_kind, has_id)
}
