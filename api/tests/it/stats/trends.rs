//! Trends: the recent use of deployments, in outline.

use api::db_test;
use harness::stats::{Fixture, SECOND};

db_test! {
    async fn trends_are_cached_briefly_and_per_workspace(db: Db) {
        let mut fixture = Fixture::new(db).await;
        let path = format!("/workspace/{}/trend", fixture.workspace_id);
        fixture.ingest(vec![fixture.sample(1, 100)]).await;
        fixture.pass(SECOND);
        let first = fixture.owner.get(&path).await;
        assert_eq!(first.body["deployments"][0]["points"][0]["cpu_millis"], 100, "{first:?}");
        fixture.pass(5 * SECOND);
        fixture.ingest(vec![fixture.sample(1, 300)]).await;
        fixture.pass(8 * SECOND);
        assert_eq!(fixture.owner.get(&path).await.body, first.body);
        let mut eve = fixture.server.person("eve", None).await;
        assert_eq!(eve.get(&path).await.status, 404, "what is kept is shown to strangers");
        fixture.pass(2 * SECOND);
        let second = fixture.owner.get(&path).await;
        assert_eq!(second.body["deployments"][0]["points"][0]["cpu_millis"], 200, "{second:?}");
    }
}
