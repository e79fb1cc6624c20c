//! Autoscaling, up to the page that shows it.

mod end_to_end;
mod engine;

use api::db_test;
use harness::scaling::Fixture;
use serde_json::json;

use crate::whole;

db_test! {
    async fn a_higher_count_reaches_the_runner_without_a_release(db: Db) {
        let mut fixture = Fixture::new(whole(db)).await;
        let before = fixture.get().await;
        assert_eq!(before["scale"], json!({
            "instances": 1, "min_instances": 1, "max_instances": 5,
        }));
        fixture.run(&[500], 60).await;
        fixture.decide().await;
        let after = fixture.get().await;
        assert_eq!(after["scale"]["instances"], 2, "{after}");
        assert_eq!(after["generation"], before["generation"].as_i64().unwrap() + 1);
        assert_eq!(after["release"], before["release"]);
        assert_eq!(after["updated_at"], before["updated_at"], "no person did it");
        let workload = fixture.workload().await;
        assert_eq!(json!(workload.generation), after["generation"]);
        let release = workload.release.unwrap();
        assert!(release.live);
        assert_eq!((release.instances, release.instance_count()), (Some(2), 2));

        let change = &after["scale"]["last_change"];
        assert_eq!(change["from"], 1);
        assert_eq!(change["to"], 2);
        assert_eq!(change["cpu_percent"], 100);
        assert_eq!(change["cpu_target_percent"], 80);
        assert_eq!(change["measured_ms"], 60_000);
        let path = format!("{}/scaling-change", fixture.path);
        let list = fixture.owner.get(&path).await.body;
        assert_eq!(list, json!({"items": [change], "total": 1}));

        // The new instance was not measured yet: it may be enough.
        fixture.run(&[500], 15).await;
        fixture.decide().await;
        assert_eq!(fixture.count().await, 2);
        let stats = fixture.owner.get(&format!("{}/stats", fixture.path)).await.body;
        assert_eq!(stats["scaling"], json!([change]));
        let page = fixture.owner.page(&fixture.path).await.text;
        for words in ["2 of 1–5 instances", "CPU was 100 % over the last minute", "1 → 2 instances"] {
            assert!(page.contains(words), "no {words:?} in {page}");
        }
        let mut eve = fixture.server.person("eve", None).await;
        assert_eq!(eve.get(&path).await.status, 404);
    }
}
