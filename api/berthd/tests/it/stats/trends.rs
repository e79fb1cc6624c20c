//! Trends, up to the list that shows them.

use api::db_test;
use harness::stats::{Fixture, SECOND};
use models::api::workspace::{ListTrendsResponse, TREND_RANGE_MS};

use crate::whole;

db_test! {
    async fn a_trend_is_all_instances_together_summed_up_or_not(db: Db) {
        let mut fixture = Fixture::new(whole(db)).await;
        let began = fixture.now();
        // One instance that uses 100 and then 300, and one that uses 50: 250 in the first
        // interval.
        fixture.ingest(vec![fixture.sample(1, 100), fixture.sample(2, 50)]).await;
        fixture.pass(5 * SECOND);
        fixture.ingest(vec![fixture.sample(1, 300), fixture.sample(2, 50)]).await;
        fixture.pass(300 * SECOND);
        fixture.ingest(vec![fixture.sample(2, 7)]).await;
        fixture.pass(SECOND);

        let path = format!("/workspace/{}/trend", fixture.workspace_id);
        let read = async |fixture: &mut Fixture| {
            let answer = fixture.owner.get(&path).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            serde_json::from_value::<ListTrendsResponse>(answer.body).unwrap()
        };
        let before = read(&mut fixture).await;
        assert_eq!(before.to.millis_since(before.from), TREND_RANGE_MS);
        let [trend] = before.deployments.as_slice() else {
            panic!("not one trend: {before:?}");
        };
        assert_eq!(trend.deployment_id, fixture.deployment_id);
        let points: Vec<_> = trend.points.iter().map(|p| (p.at, p.cpu_millis, p.memory_bytes)).collect();
        assert_eq!(points, [(began, 250, 250), (began.plus_millis(300_000), 7, 7)]);

        let list = format!("/workspace/{}/deployment", fixture.workspace_id);
        let page = fixture.owner.page(&list).await;
        assert!(page.text.contains("<h1>Deployments"), "{}", page.text);
        assert!(page.text.contains("class=\"sparkline\""), "{}", page.text);

        fixture.pass(300 * SECOND);
        fixture.roll_up().await;
        assert_eq!(read(&mut fixture).await.deployments, before.deployments);
        fixture.pass(TREND_RANGE_MS);
        assert_eq!(read(&mut fixture).await.deployments, []);

        let mut eve = fixture.server.person("eve", None).await;
        assert_eq!(eve.get(&path).await.status, 404);
    }
}
