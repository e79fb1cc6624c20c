//! Classes 11 and 18: a `GET` changes nothing, whoever causes it.

use api::db_test;
use harness::{TestServer, Things, contents::state};

use crate::{replay::walk, whole};

db_test! {
    async fn no_get_of_the_api_and_no_page_changes_anything(db: Db) {
        let server = TestServer::new(whole(db.clone()));
        let (mut owner, workspace_id) = server.set_up().await;
        let things = Things::make(&server, &mut owner, workspace_id).await;
        let before = state(&db).await;
        assert!(before["audit_event"].len() > 5, "{:?}", before["audit_event"]);
        walk::everything(&mut owner, &things, &[]).await;
        assert!(before == state(&db).await, "something changed");
    }
}
