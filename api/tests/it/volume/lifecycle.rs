//! A volume's whole life, on a real server and a real runner with a fake platform.

use std::time::Duration;

use api::{clock::Clock, db_test, services};
use axum::http::Method;
use harness::{Fake, TestServer, eventually, spec};
use models::{VolumeId, time::Timestamp};
use serde_json::json;

db_test! {
    async fn a_volume_outlives_its_deployment_and_goes_when_its_time_is_over(db: Db) {
        let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
        let server = TestServer::with_clock(db, &clock);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "first", address).await;
        let path = format!("/workspace/{workspace_id}");
        let volumes = format!("{path}/volume");
        let request = json!({"name": "data", "runner_id": fake.runner_id, "size_bytes": 1 << 20});
        let made = owner.post(&volumes, &request).await;
        let id = made.body["volume"]["volume_id"].as_str().unwrap().to_owned();
        let volume_id: VolumeId = id.parse().unwrap();
        let volume = format!("{volumes}/{id}");
        assert!(!fake.platform.has_volume(volume_id), "nothing uses it yet");

        let mut spec = spec("1");
        spec["volumes"] = json!([{"volume_id": id, "path": "/data"}]);
        let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": spec});
        let app = owner.post(&format!("{path}/deployment"), &request).await;
        let app = app.body["deployment"]["deployment_id"].as_str().unwrap();
        let app = format!("{path}/deployment/{app}");
        eventually("it is live", async || {
            let found = owner.get(&app).await;
            (found.body["deployment"]["release"]["phase"] == "live").then_some(())
        })
        .await;
        assert!(fake.platform.has_volume(volume_id));
        assert_eq!(owner.call(Method::DELETE, &app, None).await.status, 202);
        eventually("the deployment is gone", async || {
            (owner.get(&app).await.status == 404).then_some(())
        })
        .await;
        assert!(fake.platform.has_volume(volume_id), "its data is not");

        assert_eq!(owner.call(Method::DELETE, &volume, None).await.status, 200);
        services::volume::purge_due(&server.app).await.unwrap();
        assert!(fake.platform.has_volume(volume_id), "nor is it when it is in the trash");
        clock.advance(Duration::from_hours(7 * 24));
        services::volume::purge_due(&server.app).await.unwrap();
        eventually("the volume is gone", async || {
            (owner.get(&volume).await.status == 404).then_some(())
        })
        .await;
        assert!(!fake.platform.has_volume(volume_id));
    }
}
