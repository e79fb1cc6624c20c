//! Class 8: each id of another tenant, alone among the caller's own ids.

use api::db_test;
use harness::{TestServer, Things, contents::state};
use models::api::ALL;
use serde_json::json;

db_test! {
    async fn one_id_of_another_tenant_among_ones_own_is_not_found_on_endpoints_and_streams(db: Db) {
        let server = TestServer::new(db.clone());
        let (mut ada, workspace_id) = server.set_up().await;
        let adas = Things::make(&server, &mut ada, workspace_id).await;
        let mut eve = server.person("eve", None).await;
        let own = eve.post("/workspace", &json!({"name": "eves"})).await;
        let own = own.body["workspace"]["workspace_id"].as_str().unwrap().parse().unwrap();
        let eves = Things::make(&server, &mut eve, own).await;
        let before = state(&db).await;
        let mut walked = 0;
        for info in ALL {
            let (theirs, own) = (adas.path(info), eves.path(info));
            let parts = theirs.split('/').zip(own.split('/'));
            // An instance's id is checked after the upgrade; `terminal` has that test.
            for (theirs, mine) in parts.filter(|(theirs, mine)| theirs != mine) {
                let path = own.replacen(mine, theirs, 1);
                let answer = eve.call(info.method.clone(), &path, eves.request(info).as_ref()).await;
                assert_eq!((answer.status, answer.code()), (404, "not_found"), "{} {path}", info.name);
                walked += 1;
            }
        }
        assert!(walked > 70, "only {walked} ids were tried");
        assert!(before == state(&db).await, "something changed");
    }
}
