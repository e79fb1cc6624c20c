//! Trends: the recent use of deployments, in outline.

use api::db_test;
use models::api::workspace::{ListTrendsResponse, TREND_RANGE_MS};

use super::stage::{SECOND, Stage};

db_test! {
    async fn a_trend_is_all_instances_together_summed_up_or_not(db: Db) {
        let mut stage = Stage::new(db).await;
        let began = stage.now();
        // One instance that uses 100 and then 300, and one that uses 50: 250 in the first
        // interval.
        stage.ingest(vec![stage.sample(1, 100), stage.sample(2, 50)]).await;
        stage.pass(5 * SECOND);
        stage.ingest(vec![stage.sample(1, 300), stage.sample(2, 50)]).await;
        stage.pass(300 * SECOND);
        stage.ingest(vec![stage.sample(2, 7)]).await;
        stage.pass(SECOND);

        let path = format!("/workspace/{}/trend", stage.workspace_id);
        let read = async |stage: &mut Stage| {
            let answer = stage.owner.get(&path).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            serde_json::from_value::<ListTrendsResponse>(answer.body).unwrap()
        };
        let before = read(&mut stage).await;
        assert_eq!(before.to.millis_since(before.from), TREND_RANGE_MS);
        let [trend] = before.deployments.as_slice() else {
            panic!("not one trend: {before:?}");
        };
        assert_eq!(trend.deployment_id, stage.deployment_id);
        let points: Vec<_> = trend.points.iter().map(|p| (p.at, p.cpu_millis, p.memory_bytes)).collect();
        assert_eq!(points, [(began, 250, 250), (began.plus_millis(300_000), 7, 7)]);

        let list = format!("/workspace/{}/deployment", stage.workspace_id);
        let page = stage.owner.page(&list).await;
        assert!(page.text.contains("<h1>Deployments"), "{}", page.text);
        assert!(page.text.contains("class=\"sparkline\""), "{}", page.text);

        stage.pass(300 * SECOND);
        stage.roll_up().await;
        assert_eq!(read(&mut stage).await.deployments, before.deployments);
        stage.pass(TREND_RANGE_MS);
        assert_eq!(read(&mut stage).await.deployments, []);

        let mut eve = stage.server.person("eve", None).await;
        assert_eq!(eve.get(&path).await.status, 404);
    }

    async fn trends_are_worked_out_once_in_a_while_and_shown_to_nobody_else(db: Db) {
        let mut stage = Stage::new(db).await;
        let path = format!("/workspace/{}/trend", stage.workspace_id);
        stage.ingest(vec![stage.sample(1, 100)]).await;
        stage.pass(SECOND);
        let first = stage.owner.get(&path).await;
        assert_eq!(first.body["deployments"][0]["points"][0]["cpu_millis"], 100, "{first:?}");
        stage.pass(5 * SECOND);
        stage.ingest(vec![stage.sample(1, 300)]).await;
        stage.pass(8 * SECOND);
        assert_eq!(stage.owner.get(&path).await.body, first.body);
        let mut eve = stage.server.person("eve", None).await;
        assert_eq!(eve.get(&path).await.status, 404, "what is kept is shown to strangers");
        stage.pass(2 * SECOND);
        let second = stage.owner.get(&path).await;
        assert_eq!(second.body["deployments"][0]["points"][0]["cpu_millis"], 200, "{second:?}");
    }
}
