//! Autoscaling: the instance count follows measured use.

use api::{db::Commit, db_test, services, store};
use axum::http::Method;
use harness::scaling::{Fixture, SECOND};
use models::{
    deployment::ScalingChange,
    page::{Page, PageQuery},
};
use serde_json::json;

db_test! {
    async fn there_are_fewer_after_five_calm_minutes_and_never_fewer_than_the_fewest(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.run(&[500], 60).await;
        fixture.decide().await;
        fixture.run(&[500, 500], 120).await;
        fixture.decide().await;
        assert_eq!(fixture.count().await, 3);
        let mut counts = Vec::new();
        for _ in 0..30 {
            fixture.run(&[20, 20, 20], 15).await;
            fixture.decide().await;
            counts.push(fixture.count().await);
        }
        // For five minutes, and the minute over which the last use is averaged.
        let calm = counts.iter().take_while(|count| **count == 3).count();
        assert!((20..25).contains(&calm), "{counts:?}");
        assert_eq!(counts.last(), Some(&1));
        assert!(counts.iter().rev().is_sorted(), "{counts:?}");
    }

    async fn nothing_is_decided_while_the_state_is_unknown(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.run(&[500], 60).await;

        let deploy = format!("{}/deploy", fixture.path);
        let answer = fixture.owner.call(Method::POST, &deploy, None).await;
        assert_eq!(answer.status, 202, "{answer:?}");
        fixture.decide().await;
        assert_eq!(fixture.count().await, 1, "a release is on its way");
        let release = answer.body["deployment"]["release"]["release_id"].as_str().unwrap();
        let cancel = format!("{}/release/{release}/cancel", fixture.path);
        assert_eq!(fixture.owner.call(Method::POST, &cancel, None).await.status, 202);

        services::runner::release_stale_leases(&fixture.server.app).await.unwrap();
        fixture.decide_alone().await;
        assert_eq!(fixture.count().await, 1, "the runner is away");

        fixture.decide().await;
        assert_eq!(fixture.count().await, 2);
    }

    async fn stopping_forgets_the_number_and_a_release_keeps_it(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.run(&[500], 60).await;
        fixture.decide().await;
        fixture.run(&[500, 500], 60).await;
        fixture.decide().await;
        assert_eq!(fixture.count().await, 3);

        let deploy = format!("{}/deploy", fixture.path);
        fixture.owner.call(Method::POST, &deploy, None).await;
        assert_eq!(fixture.workload().await.release.unwrap().instance_count(), 3);
        fixture.go_live().await;
        assert_eq!(fixture.count().await, 3);

        fixture.update(json!({"max_instances": 2})).await;
        assert_eq!(fixture.count().await, 3, "what is live has its own range");
        assert_eq!(fixture.workload().await.release.unwrap().instance_count(), 2);
        fixture.go_live().await;
        let scale = fixture.get().await["scale"].clone();
        assert_eq!(scale, json!({"instances": 2, "min_instances": 1, "max_instances": 2}));
        fixture.update(json!({"max_instances": 5})).await;
        fixture.go_live().await;
        assert_eq!(fixture.count().await, 2, "a number that was cut off does not come back");

        for (verb, wanted) in [("stop", 2), ("start", 1)] {
            let path = format!("{}/{verb}", fixture.path);
            fixture.owner.call(Method::POST, &path, None).await;
            let release = fixture.workload().await.release.unwrap();
            assert_eq!(release.instance_count(), if verb == "stop" { 1 } else { wanted });
        }
        let scale = fixture.get().await["scale"].clone();
        assert_eq!(scale, json!({"instances": 1, "min_instances": 1, "max_instances": 5}));

        fixture.update(json!({"instances": 2})).await;
        fixture.go_live().await;
        fixture.run(&[500, 500], 60).await;
        fixture.decide().await;
        assert_eq!(fixture.count().await, 2, "without a range the number stays");
    }

    async fn two_servers_decide_once(db: Db) {
        let mut fixture = Fixture::new(db).await;
        fixture.run(&[500], 60).await;
        fixture.runner_is_there().await;
        let (app, other) = (fixture.server.app.clone(), fixture.server.app.clone());
        let decide = async |app| services::scaling::autoscale_all(&app).await.unwrap();
        tokio::join!(decide(app), decide(other));
        assert_eq!(fixture.count().await, 2);
        let list = fixture.owner.get(&format!("{}/scaling-change", fixture.path)).await;
        assert_eq!(list.body["total"], 1);
    }

    async fn only_the_last_changes_are_kept_and_they_come_page_by_page(db: Db) {
        let fixture = Fixture::new(db).await;
        let (app, id) = (&fixture.server.app, fixture.deployment_id);
        for number in 0..205_i64 {
            let change = ScalingChange {
                at: fixture.now().plus_millis(number),
                from: 1,
                to: 2,
                cpu_percent: 93,
                cpu_target_percent: 80,
                measured_ms: 60 * SECOND,
            };
            let inserting = app.db.write(async |tx| {
                let locked = store::deployment::find_locked(tx, fixture.workspace_id, id).await?;
                store::scaling_change::insert(tx, &locked, &change).await.map(Commit)
            });
            inserting.await.unwrap();
        }
        let mut query = PageQuery { limit: Some(80), cursor: None };
        let mut all = Vec::new();
        loop {
            let page: Page<ScalingChange> =
                services::scaling::list(app, fixture.workspace_id, id, &query).await.unwrap();
            assert_eq!(page.total, 200);
            all.extend(page.items.iter().map(|change| change.at));
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(all.len(), 200);
        assert!(all.is_sorted_by(|a, b| a > b));
        assert_eq!(all[0], fixture.now().plus_millis(204));
    }
}
