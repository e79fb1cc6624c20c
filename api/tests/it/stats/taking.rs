//! Samples from runners, and the limits of trust in them.

use api::{
    db::Commit,
    db_test,
    services::{
        self,
        stats::{Ingester, ingest},
    },
    store,
};
use harness::{
    Fake, TestServer, eventually, spec,
    stats::{Fixture, HOUR, SECOND, numbers},
    streams::{next, open_as},
};
use models::api::workspace::deployment::GetStatsResponse;
use runner_common::conformance::fake::USAGE;
use serde_json::json;

db_test! {
    async fn samples_arrive_from_a_runner_and_open_pages_learn_of_it(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let path = format!("/workspace/{workspace_id}/deployment");
        let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": spec("1")});
        let made = owner.post(&path, &request).await.body;
        let id = made["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{path}/{id}/stats");
        let mut stream = open_as(&owner, address, &format!("{path}/stream")).await.unwrap();
        assert_eq!(next(&mut stream).await.unwrap()["type"], "sampled");

        let stats = eventually("it is measured and live", async || {
            let answer = owner.get(&path).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            let stats: GetStatsResponse = serde_json::from_value(answer.body).unwrap();
            (!stats.series.is_empty() && !stats.releases.is_empty()).then_some(stats)
        })
        .await;
        assert_eq!(stats.to.millis_since(stats.from), HOUR);
        assert_eq!(stats.resolution_ms, 15_000);
        assert_eq!(stats.releases[0].number, 1);
        let [series] = stats.series.as_slice() else {
            panic!("not one series: {stats:?}");
        };
        assert_eq!(series.release_number, Some(1));
        assert_eq!(series.points[0].average, USAGE);
        assert_eq!(series.points[0].maximum, USAGE);
        assert!(series.points[0].at <= server.app.clock.now());

        let mut eve = server.person("eve", None).await;
        assert_eq!(eve.get(&path).await.status, 404);
        let own = eve.post("/workspace", &json!({"name": "eves"})).await.body;
        let own = own["workspace"]["workspace_id"].as_str().unwrap();
        let moved = path.replace(&workspace_id.to_string(), own);
        assert_eq!(eve.get(&moved).await.status, 404);
    }

    async fn a_runner_may_not_report_on_workloads_of_another(db: Db) {
        let mut fixture = Fixture::new(db).await;
        let (app, workspace_id) = (&fixture.server.app, fixture.workspace_id);
        let name = models::value::ResourceName::trusted("other");
        let (liar, _) = services::runner::create(app, workspace_id, name).await.unwrap();
        let mut ingester = Ingester::default();
        let lie = vec![fixture.sample(1, 5)];
        ingest(app, liar.runner_id, &mut ingester, lie.clone()).await.unwrap();
        assert_eq!(fixture.kept().await, 0);
        // Nor if it is already known, or if the lying runner learned of it elsewhere.
        fixture.ingest(vec![fixture.sample(1, 1)]).await;
        fixture.pass(5 * SECOND);
        let mut borrowed = std::mem::take(&mut fixture.ingester);
        let lie = vec![fixture.sample(1, 5)];
        ingest(&fixture.server.app, liar.runner_id, &mut borrowed, lie).await.unwrap();
        assert_eq!(fixture.kept().await, 1);
        // A sample of a deleted deployment does not break the link either.
        let (workspace_id, id) = (fixture.workspace_id, fixture.deployment_id);
        let deleting = fixture.server.app.db.write(async |tx| {
            let locked = store::deployment::find_locked(tx, workspace_id, id).await?;
            store::deployment::delete(tx, &locked).await.map(Commit)
        });
        deleting.await.unwrap();
        fixture.pass(5 * SECOND);
        fixture.ingest(vec![fixture.sample(1, 1), fixture.sample(2, 1)]).await;
        assert_eq!(fixture.kept().await, 0);
    }

    async fn a_hostile_runner_cannot_fill_the_disk(db: Db) {
        let mut fixture = Fixture::new(db).await;
        // Repeatedly within an interval, and with wrong clocks.
        for ahead in 0..20 {
            let mut sample = fixture.sample(1, u64::MAX);
            sample.at = fixture.now().plus_millis(ahead * 5 * SECOND);
            fixture.ingest(vec![sample]).await;
        }
        assert_eq!(fixture.kept().await, 1);
        fixture.pass(1);
        let to = fixture.now();
        let stats = fixture.read(to.plus_millis(-HOUR), to).await;
        assert_eq!(numbers(&stats), [(1 << 44, 1 << 44)]);
        // A new link does not circumvent the limit.
        fixture.ingester = Ingester::default();
        fixture.ingest(vec![fixture.sample(1, 1)]).await;
        assert_eq!(fixture.kept().await, 1);
        // Very many instances at once, then samples every five seconds.
        let many = |fixture: &Fixture, from: u128| (from..from + 2_000).map(|n| fixture.sample(n, 1)).collect();
        fixture.pass(5 * SECOND);
        fixture.ingest(many(&fixture, 1_000)).await;
        assert_eq!(fixture.kept().await, 101);
        for round in 1..10 {
            fixture.pass(5 * SECOND);
            fixture.ingest(many(&fixture, 10_000 * round)).await;
        }
        assert_eq!(fixture.kept().await, 500, "more series than an hour may have");
    }
}
