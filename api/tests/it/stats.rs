//! What instances use: how it comes, how long it stays, and whose word counts.

use std::time::Duration;

use api::{
    clock::Clock,
    db::Db,
    db_test,
    services::{
        self,
        stats::{Intake, take},
    },
    store::{self, stats_sample::Wanted, stats_series::SeriesId},
};
use models::{
    DeploymentId, InstanceId, ReleaseId, RunnerId, WorkspaceId,
    api::workspace::{
        ListTrendsResponse, TREND_RANGE_MS,
        deployment::{GetStatsQuery, GetStatsResponse},
    },
    deployment::Usage,
    runner::StatsSample,
    time::Timestamp,
};
use runner_common::conformance::fake::USAGE;
use serde_json::json;
use uuid::Uuid;

use crate::{
    harness::{Caller, Fake, TestServer, eventually, spec},
    streams::{next, open_as},
};

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// A server, by default on a clock that is moved, and a deployment on it.
struct Stage {
    server: TestServer,
    owner: Caller,
    clock: Clock,
    workspace_id: WorkspaceId,
    runner_id: RunnerId,
    deployment_id: DeploymentId,
    intake: Intake,
}

impl Stage {
    async fn new(db: Db) -> Self {
        // The beginning of a while that is summed up.
        Self::on(
            db,
            Clock::manual(Timestamp::from_micros(1_790_000_100_000_000)),
        )
        .await
    }

    async fn on(db: Db, clock: Clock) -> Self {
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = owner.post(&runners, &json!({"name": "first"})).await.body;
        let runner_id = runner["runner"]["runner_id"].clone();
        let deployments = format!("/workspace/{workspace_id}/deployment");
        let request = json!({"name": "app", "runner_id": runner_id, "spec": {
            "image": "app:1", "resources": {"memory_mib": 512},
        }});
        let deployment = owner.post(&deployments, &request).await.body;
        let deployment_id = &deployment["deployment"]["deployment_id"];
        Self {
            server,
            owner,
            clock,
            workspace_id,
            runner_id: serde_json::from_value(runner_id).unwrap(),
            deployment_id: serde_json::from_value(deployment_id.clone()).unwrap(),
            intake: Intake::default(),
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn pass(&self, millis: i64) {
        let millis = u64::try_from(millis).unwrap();
        self.clock.advance(Duration::from_millis(millis));
    }

    /// A sample of this moment, with the same number everywhere.
    fn sample(&self, instance: u128, number: u64) -> StatsSample {
        StatsSample {
            deployment_id: self.deployment_id,
            release_id: ReleaseId::from_uuid(Uuid::from_u128(1)),
            instance_id: InstanceId::from_uuid(Uuid::from_u128(instance)),
            at: self.now(),
            usage: Usage::default().map(|_| number),
        }
    }

    async fn take(&mut self, samples: Vec<StatsSample>) {
        let (app, intake) = (&self.server.app, &mut self.intake);
        take(app, self.runner_id, intake, samples).await.unwrap();
    }

    async fn read(&self, from: Timestamp, to: Timestamp) -> GetStatsResponse {
        let query = GetStatsQuery {
            from: Some(from),
            to: Some(to),
        };
        let (workspace_id, deployment_id) = (self.workspace_id, self.deployment_id);
        services::stats::get(&self.server.app, workspace_id, deployment_id, &query)
            .await
            .unwrap()
    }

    /// What is kept at full resolution, whatever the answers say.
    async fn kept(&self) -> usize {
        let wanted = Wanted {
            from: Timestamp::from_micros(0),
            to: Timestamp::from_micros(i64::MAX),
            resolution_ms: 1,
            first: SeriesId::LOWEST,
        };
        let (db, workspace_id) = (&self.server.app.db, self.workspace_id);
        let points = store::stats_sample::points(db, workspace_id, self.deployment_id, wanted);
        points.await.unwrap().len()
    }

    async fn upkeep(&self) {
        services::stats::upkeep(&self.server.app).await.unwrap();
    }
}

fn numbers(stats: &GetStatsResponse) -> Vec<(u64, u64)> {
    let [series] = stats.series.as_slice() else {
        panic!("not one series: {stats:?}");
    };
    let points = series.points.iter();
    points
        .inspect(|point| {
            let (average, maximum) = (point.average, point.maximum);
            assert_eq!(average, Usage::default().map(|_| average.cpu_millis));
            assert_eq!(maximum, Usage::default().map(|_| maximum.cpu_millis));
        })
        .map(|point| (point.average.cpu_millis, point.maximum.cpu_millis))
        .collect()
}

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

    async fn a_trend_is_all_instances_together_summed_up_or_not(db: Db) {
        let mut stage = Stage::new(db).await;
        let began = stage.now();
        // One instance that uses 100 and then 300, and one that uses 50: in the first while 250.
        stage.take(vec![stage.sample(1, 100), stage.sample(2, 50)]).await;
        stage.pass(5 * SECOND);
        stage.take(vec![stage.sample(1, 300), stage.sample(2, 50)]).await;
        stage.pass(300 * SECOND);
        stage.take(vec![stage.sample(2, 7)]).await;
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
        stage.upkeep().await;
        assert_eq!(read(&mut stage).await.deployments, before.deployments);
        stage.pass(TREND_RANGE_MS);
        assert_eq!(read(&mut stage).await.deployments, []);

        let mut eve = stage.server.person("eve", None).await;
        assert_eq!(eve.get(&path).await.status, 404);
    }

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

    async fn samples_are_summed_up_and_forgotten_in_time(db: Db) {
        let mut stage = Stage::new(db).await;
        let begin = stage.now();
        // Two whiles of five minutes: 0, 2, 4, …, 118, then 1000 throughout.
        for step in 0..120 {
            let number = if step < 60 { 2 * step } else { 1_000 };
            stage.take(vec![stage.sample(1, number)]).await;
            stage.pass(5 * SECOND);
        }
        let end = stage.now();
        let five_minutes = [(59, 118), (1_000, 1_000)];
        // As long as it is not summed up, it is read from the samples.
        let day_before = end.plus_millis(-DAY);
        assert_eq!(numbers(&stage.read(day_before, end).await), five_minutes);
        let fine = stage.read(begin, end).await;
        assert_eq!(fine.resolution_ms, 5_000);
        assert_eq!(fine.series[0].points.len(), 120);

        // A while that may still grow is not summed up.
        stage.upkeep().await;
        assert_eq!(numbers(&stage.read(day_before, end).await), five_minutes);
        stage.pass(2 * 60 * SECOND);
        stage.take(vec![stage.sample(1, 3_000)]).await;
        stage.upkeep().await;
        let now = stage.now().plus_millis(1);
        stage.pass(1);
        let with_new = [(59, 118), (1_000, 1_000), (3_000, 3_000)];
        assert_eq!(numbers(&stage.read(day_before, now).await), with_new);
        let week_before = now.plus_millis(-7 * DAY);
        assert_eq!(
            numbers(&stage.read(week_before, now).await).last().unwrap().1, 3_000,
            "the longest while has the highest of all"
        );

        stage.pass(DAY);
        assert_eq!(stage.kept().await, 121);
        stage.upkeep().await;
        assert_eq!(stage.kept().await, 0, "samples of yesterday are still there");
        let old = stage.read(begin, now).await;
        assert_eq!(old.resolution_ms, 300_000);
        assert_eq!(numbers(&old), with_new);

        stage.pass(30 * DAY);
        stage.upkeep().await;
        assert_eq!(stage.read(begin, stage.now()).await.series, []);
        // Nothing of the series is left: what is measured next begins one.
        let mut tx = stage.server.app.db.begin().await.unwrap();
        let instance_id = stage.sample(1, 0).instance_id;
        let found = store::stats_series::find(&mut tx, stage.runner_id, stage.deployment_id, instance_id);
        assert_eq!(found.await.unwrap(), None);
        drop(tx);
        stage.take(vec![stage.sample(1, 7)]).await;
        stage.pass(5 * SECOND);
        stage.take(vec![stage.sample(1, 7)]).await;
        assert!(stage.kept().await > 0);
    }

    async fn a_runner_may_not_speak_of_what_is_not_its_own(db: Db) {
        let mut stage = Stage::new(db).await;
        let (app, workspace_id) = (&stage.server.app, stage.workspace_id);
        let name = models::value::ResourceName::trusted("other");
        let (liar, _) = services::runner::create(app, workspace_id, name).await.unwrap();
        let mut intake = Intake::default();
        let lie = vec![stage.sample(1, 5)];
        take(app, liar.runner_id, &mut intake, lie.clone()).await.unwrap();
        assert_eq!(stage.kept().await, 0);
        // Nor when it is known already, or when the liar learned of it elsewhere.
        stage.take(vec![stage.sample(1, 1)]).await;
        stage.pass(5 * SECOND);
        let mut borrowed = std::mem::take(&mut stage.intake);
        let lie = vec![stage.sample(1, 5)];
        take(&stage.server.app, liar.runner_id, &mut borrowed, lie).await.unwrap();
        assert_eq!(stage.kept().await, 1);
        // And what is deleted is no reason to break the link.
        let mut tx = stage.server.app.db.begin().await.unwrap();
        store::deployment::delete(&mut tx, stage.deployment_id).await.unwrap();
        tx.commit().await.unwrap();
        stage.pass(5 * SECOND);
        stage.take(vec![stage.sample(1, 1), stage.sample(2, 1)]).await;
        assert_eq!(stage.kept().await, 0);
    }

    async fn a_hostile_runner_cannot_fill_the_disk(db: Db) {
        let mut stage = Stage::new(db).await;
        // Again and again within an interval, and with clocks of its own.
        for ahead in 0..20 {
            let mut sample = stage.sample(1, u64::MAX);
            sample.at = stage.now().plus_millis(ahead * 5 * SECOND);
            stage.take(vec![sample]).await;
        }
        assert_eq!(stage.kept().await, 1);
        stage.pass(1);
        let to = stage.now();
        let stats = stage.read(to.plus_millis(-HOUR), to).await;
        assert_eq!(numbers(&stats), [(1 << 44, 1 << 44)]);
        // A new link is no way round.
        stage.intake = Intake::default();
        stage.take(vec![stage.sample(1, 1)]).await;
        assert_eq!(stage.kept().await, 1);
        // Very many instances at once, then every five seconds.
        let many = |stage: &Stage, from: u128| (from..from + 2_000).map(|n| stage.sample(n, 1)).collect();
        stage.pass(5 * SECOND);
        stage.take(many(&stage, 1_000)).await;
        assert_eq!(stage.kept().await, 101);
        for round in 1..10 {
            stage.pass(5 * SECOND);
            stage.take(many(&stage, 10_000 * round)).await;
        }
        assert_eq!(stage.kept().await, 500, "more series than an hour may have");
    }

    async fn a_page_shows_charts_and_the_newest_values(db: Db) {
        let mut stage = Stage::on(db, Clock::system()).await;
        let path = format!("/workspace/{}/deployment/{}/metrics", stage.workspace_id, stage.deployment_id);
        let empty = stage.owner.page(&path).await;
        assert_eq!(empty.status, 200, "{empty:?}");
        assert!(empty.text.contains("Nothing was measured in this time"), "{}", empty.text);
        let mut sample = stage.sample(0x00ab_cdef, 0);
        sample.usage = USAGE;
        stage.take(vec![sample]).await;
        for range in ["", "?range=6h", "?range=24h", "?range=7d", "?range=30d", "?range=nonsense"] {
            let page = stage.owner.page(&format!("{path}{range}")).await;
            assert_eq!(page.status, 200, "{page:?}");
            assert_eq!(page.text.matches("role=\"img\"").count(), 6, "{}", page.text);
            for part in [
                "/stats/stream\"", "<code>abcdef", "0.25 CPU", "64 MiB", "2 KiB/s",
                "abcdef 64 MiB. Highest: 64 MiB. The limit is 512 MiB.",
            ] {
                assert!(page.text.contains(part), "{part} is missing in {}", page.text);
            }
            assert!(!page.text.contains("style=\""), "{}", page.text);
        }
        let mut eve = stage.server.person("eve", None).await;
        assert_eq!(eve.page(&path).await.status, 404);
    }

    async fn many_instances_are_read_with_fewer_points_each(db: Db) {
        let mut stage = Stage::new(db).await;
        let from = stage.now();
        for _ in 0..12 {
            stage.take((1..=50).map(|n| stage.sample(n, 4)).collect()).await;
            stage.pass(5 * SECOND);
        }
        let stats = stage.read(stage.now().plus_millis(-HOUR), stage.now()).await;
        assert_eq!(stats.series.len(), 50);
        assert!(stats.resolution_ms >= 30_000, "{}", stats.resolution_ms);
        assert!(stats.series.iter().all(|series| series.points.iter().all(|p| p.average.cpu_millis == 4)));
        let ids: Vec<_> = stats.series.iter().map(|series| series.instance_id).collect();
        assert!(ids.is_sorted(), "the oldest does not come first");
        let fine = stage.read(from, stage.now()).await;
        assert_eq!(fine.resolution_ms, 5_000);
    }
}
