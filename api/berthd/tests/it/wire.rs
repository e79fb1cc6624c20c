//! Forms with unknown inputs.

use api::db_test;
use harness::TestServer;

use crate::whole;

db_test! {
    async fn a_form_with_an_unknown_input_is_shown_again(db: Db) {
        let server = TestServer::new(whole(db));
        let (mut owner, workspace_id) = server.set_up().await;
        let page = format!("/workspace/{workspace_id}/runner/new");
        let workspace = workspace_id.to_string();
        let fields = [
            ("_page", page.as_str()),
            ("_path.workspace_id", &workspace),
            ("name", " box "),
            ("privileged", "true"),
        ];
        owner.submit("CreateRunner", &fields).await;
        let runners = format!("/workspace/{workspace_id}/runner");
        assert_eq!(owner.get(&runners).await.body["total"], 0, "an input was ignored");
        owner.submit("CreateRunner", &fields[..3]).await;
        assert_eq!(owner.get(&runners).await.body["items"][0]["name"], "box");
    }
}
