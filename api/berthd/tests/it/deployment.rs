//! Settings of deployments, changed with forms.

use api::db_test;
use axum::http::Method;
use harness::{Fake, TestServer, spec, streams::deploy};
use serde_json::{Value, json};

use crate::whole;

db_test! {
    async fn the_later_of_two_conflicting_changes_is_refused(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let path = format!("/workspace/{workspace_id}/deployment");
        let path = deploy(&mut owner, &path, &fake).await;
        let seen = owner.get(&path).await.body["deployment"]["updated_at"].clone();
        let change = |version: &str| json!({"spec": spec(version), "if_unchanged_since": seen});
        let first = owner.call(Method::PATCH, &path, Some(&change("2"))).await;
        assert_eq!(first.status, 200, "{first:?}");
        let second = owner.call(Method::PATCH, &path, Some(&change("3"))).await;
        assert_eq!((second.status, second.code()), (409, "deployment_changed"));
        let now = owner.get(&path).await.body["deployment"].clone();
        assert_eq!(now["spec"], first.body["deployment"]["spec"]);

        // A form keeps the state that it was based on, however often it is refused for other
        // reasons.
        let page = format!("{path}/settings");
        let based_on = |at: &Value| format!("name=\"if_unchanged_since\" value={at}");
        let shown = owner.page(&page).await.text;
        assert!(shown.contains(&based_on(&now["updated_at"])), "{shown}");
        let ids: Vec<&str> = path.split('/').collect();
        let mut fields = vec![
            ("_page", page.as_str()),
            ("_path.workspace_id", ids[2]),
            ("_path.deployment_id", ids[4]),
            ("if_unchanged_since", seen.as_str().unwrap()),
            ("spec[image]", "not an image"),
        ];
        let again = owner.submit("UpdateDeployment", &fields).await;
        assert_eq!(again.status, 422);
        assert!(again.text.contains(&based_on(&seen)), "{}", again.text);
        fields[4] = ("spec[image]", "app:7");
        let refused = owner.submit("UpdateDeployment", &fields).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("Someone else changed this deployment"));
        assert!(refused.text.contains("app:7"), "what was typed is gone");
        // With the current state the form is accepted.
        assert!(refused.text.contains(&based_on(&now["updated_at"])), "{}", refused.text);
    }
}
