//! Images that runners must keep.

use api::{db_test, services};
use axum::http::Method;
use harness::{Client, Fake, TestServer, eventually, spec, streams::deploy};
use models::value::ImageDigest;
use serde_json::json;

db_test! {
    async fn a_runner_receives_the_images_for_roll_backs(db: Db) {
        let server = TestServer::new(db);
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let other = Fake::join(&mut owner, workspace_id, "other", address).await;
        eventually("it is told over its link", async || fake.platform.needed().pop()).await;

        let deployments = format!("/workspace/{workspace_id}/deployment");
        let path = deploy(&mut owner, &deployments, &fake).await;
        let live = async |owner: &mut Client, number: i64| {
            let release = eventually("the release is live", async || {
                let release = owner.get(&path).await.body["deployment"]["release"].clone();
                (release["phase"] == "live" && release["number"] == number).then_some(release)
            })
            .await;
            serde_json::from_value::<ImageDigest>(release["image_digest"].clone()).unwrap()
        };
        let first = live(&mut owner, 1).await;
        let second = ImageDigest::sha256([0x22; 32]);
        fake.platform.push(&second);
        let newer = json!({"spec": spec("2")});
        owner.call(Method::PATCH, &path, Some(&newer)).await;
        let mut digests = vec![first, live(&mut owner, 2).await];
        assert!(digests.contains(&second), "{digests:?}");
        digests.sort();
        let kept = services::release::images_to_keep(&server.app, fake.runner_id).await.unwrap();
        assert_eq!(kept, digests);
        let others = services::release::images_to_keep(&server.app, other.runner_id).await.unwrap();
        assert_eq!(others, []);
    }
}
