//! A runner's host policy, as people see it.

use api::db_test;
use harness::{Fake, TestServer, eventually, spec};
use models::{
    runner::HostPolicy,
    value::{ImageReference, RegistryPattern},
};
use serde_json::json;

use crate::whole;

db_test! {
    async fn a_runners_policy_is_shown_and_a_refusal_gives_advice(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let mut fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner = format!("{runners}/{}", fake.runner_id);
        let open = owner.get(&runner).await.body;
        assert_eq!(open["runner"]["about"]["policy"], json!({"exec": true}));

        fake.leave();
        let registry = RegistryPattern::trusted("ghcr.io/<b>team</b>");
        let image = ImageReference::trusted("ghcr.io/team/app");
        assert!(!registry.covers(&image), "a hostile runner may say anything");
        fake.policy = HostPolicy {
            registries: Some(vec![registry, RegistryPattern::trusted("ghcr.io/other")]),
            max_instances: Some(5),
            exec: false,
            ..HostPolicy::default()
        };
        fake.connect(address);
        let policy = json!({
            "registries": ["ghcr.io/other"], "max_instances": 5, "exec": false,
        });
        eventually("the policy is known", async || {
            let answer = owner.get(&runner).await;
            (answer.body["runner"]["about"]["policy"] == policy).then_some(())
        })
        .await;
        let page = owner.page(&runners).await;
        assert!(page.text.contains("at most 5 instances per deployment"), "{}", page.text);
        assert!(page.text.contains("no commands or terminals"), "{}", page.text);
        assert!(!page.text.contains("<b>team"), "{}", page.text);

        let path = format!("/workspace/{workspace_id}/deployment");
        let request = json!({"name": "app", "runner_id": fake.runner_id, "spec": spec("1")});
        let made = owner.post(&path, &request).await.body;
        let id = made["deployment"]["deployment_id"].as_str().unwrap();
        let path = format!("{path}/{id}");
        let failure = eventually("the release has failed", async || {
            let release = owner.get(&path).await.body["deployment"]["release"].clone();
            (release["phase"] == "failed").then(|| release["failure"].clone())
        })
        .await;
        assert_eq!(failure["fault"], "user");
        assert_eq!(failure["code"], "refused_by_host_policy");
        assert!(failure["message"].as_str().unwrap().contains("registries"), "{failure}");
    }
}
