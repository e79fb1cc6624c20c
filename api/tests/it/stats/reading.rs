//! Stats as the API returns them.

use api::db_test;
use harness::{
    TestServer,
    stats::{Fixture, HOUR, SECOND},
};
use serde_json::json;

db_test! {
    async fn a_range_that_cannot_be_is_refused(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await.body;
        let path = format!("/workspace/{workspace_id}/deployment");
        let request = json!({
            "name": "app", "runner_id": runner["runner"]["runner_id"], "spec": {"image": "app:1"},
        });
        let made = owner.post(&path, &request).await.body;
        let path = format!("{path}/{}/stats", made["deployment"]["deployment_id"].as_str().unwrap());
        for range in ["from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "from=9999-01-01T00:00:00Z"] {
            let answer = owner.get(&format!("{path}?{range}")).await;
            assert_eq!(answer.status, 422, "{answer:?}");
            assert_eq!(answer.body["fields"][0]["field"], "from");
        }
        let long_ago = owner.get(&format!("{path}?from=0001-01-01T00:00:00Z&to=0002-01-01T00:00:00Z")).await;
        assert_eq!(long_ago.body["series"], json!([]), "{long_ago:?}");
    }

    async fn many_instances_are_read_with_fewer_points_each(db: Db) {
        let mut fixture = Fixture::new(db).await;
        let from = fixture.now();
        for _ in 0..12 {
            fixture.ingest((1..=50).map(|n| fixture.sample(n, 4)).collect()).await;
            fixture.pass(5 * SECOND);
        }
        let stats = fixture.read(fixture.now().plus_millis(-HOUR), fixture.now()).await;
        assert_eq!(stats.series.len(), 50);
        assert!(stats.resolution_ms >= 30_000, "{}", stats.resolution_ms);
        assert!(stats.series.iter().all(|series| series.points.iter().all(|p| p.average.cpu_millis == 4)));
        let ids: Vec<_> = stats.series.iter().map(|series| series.instance_id).collect();
        assert!(ids.is_sorted(), "the oldest does not come first");
        let fine = fixture.read(from, fixture.now()).await;
        assert_eq!(fine.resolution_ms, 5_000);
    }
}
