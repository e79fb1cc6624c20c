//! Logs over the network: jobs, streams, and the remains of a deleted deployment.

use api::{
    db::{Db, testing::contents},
    db_test, services,
};
use axum::http::Method;
use harness::{
    Fake, TestServer, eventually,
    log::{Fixture, instance, lines, pages_of},
    streams::{deploy, next, open_as},
};
use models::{deployment::Usage, runner::StatsSample, time::Timestamp};
use serde_json::json;

db_test! {
    async fn a_job_closes_segments_by_itself(db: Db) {
        let fixture = Fixture::new(db).await;
        fixture.server.serve().await;
        for batch in lines(1, 0..1_000).chunks(5) {
            fixture.append(batch).await;
        }
        eventually("few segments", async || {
            (fixture.segments().await < 70).then_some(())
        })
        .await;
        assert_eq!(fixture.forward(&pages_of(1_000)).await.len(), 1_000);
    }

    async fn a_stream_can_be_of_one_instance(db: Db) {
        let fixture = Fixture::new(db).await;
        let address = fixture.server.serve().await;
        let (workspace_id, id) = (fixture.workspace_id, fixture.deployment_id);
        let path = format!("/workspace/{workspace_id}/deployment/{id}/log/stream");
        let path = format!("{path}?after=-1&instance_id={}", instance(2).uuid());
        fixture.append(&lines(1, 0..3)).await;
        let mut stream = open_as(&fixture.owner, address, &path).await.unwrap();
        fixture.append(&lines(1, 3..5)).await;
        fixture.append(&lines(2, 0..2)).await;
        let mut seen = Vec::new();
        while seen.len() < 2 {
            let message = next(&mut stream).await.unwrap();
            seen.extend(message["lines"].as_array().unwrap().clone());
        }
        let of = json!(instance(2));
        assert!(seen.iter().all(|line| line["instance_id"] == of), "{seen:?}");
    }

    async fn a_deleted_deployment_leaves_nothing_behind(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let path = deploy(&mut owner, &format!("/workspace/{workspace_id}/deployment"), &fake).await;
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        let runner_id = fake.runner_id;
        for batch in lines(1, 0..20_000).chunks(400) {
            let batch = models::runner::LogBatch { batch: 1, deployment_id: id, lines: batch.to_vec() };
            services::log::append(&server.app, runner_id, batch).await.unwrap();
        }
        let mut ingester = services::stats::Ingester::default();
        let now = server.app.clock.now();
        for age in (0..9).rev() {
            let sample = StatsSample {
                deployment_id: id,
                release_id: models::ReleaseId::from_uuid(uuid::Uuid::from_u128(1)),
                instance_id: instance(1),
                at: Timestamp::from_micros(now.micros() - age * 5_000_000),
                usage: Usage::default().map(|_| 1),
            };
            services::stats::ingest(&server.app, runner_id, &mut ingester, vec![sample]).await.unwrap();
        }
        assert_eq!(owner.call(Method::DELETE, &path, None).await.status, 202);
        eventually("it is gone", async || {
            (owner.get(&path).await.status == 404).then_some(())
        })
        .await;
        assert_forgotten(&server.app.db).await;
    }

    async fn a_log_is_forgotten_in_steps_and_only_when_it_should_be(db: Db) {
        let mut fixture = Fixture::new(db).await;
        for batch in lines(1, 0..3_000).chunks(10) {
            fixture.append(batch).await;
        }
        let (app, runner_id, id) = (&fixture.server.app, fixture.runner_id, fixture.deployment_id);
        // Nobody deleted it, so a runner that reports its removal changes nothing.
        services::deployment::removed(app, runner_id, id, 99).await.unwrap();
        services::deployment::purge(app, runner_id, id, 99).await.unwrap();
        assert_eq!(fixture.forward(&pages_of(1_000)).await.len(), 3_000);
        let path = format!("/workspace/{}/deployment/{id}", fixture.workspace_id);
        assert_eq!(fixture.owner.call(Method::DELETE, &path, None).await.status, 202);
        let app = &fixture.server.app;
        services::deployment::purge(app, runner_id, id, 99).await.unwrap();
        assert_eq!(fixture.owner.get(&path).await.status, 404);
        assert_forgotten(&app.db).await;
    }
}

/// Checks that no log is left.
async fn assert_forgotten(db: &Db) {
    let left = contents(db).await;
    assert_eq!(left["log_segment"].len(), 0);
    assert_eq!(left["deployment_log"].len(), 0);
}
