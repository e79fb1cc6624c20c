//! This host as a runner, on a real Docker Engine.

use api::db::testing;
use axum::http::{Method, header};
use harness::{TestServer, eventually, streams};
use models::{api::runner::ConnectRunner, client, endpoint::Empty};
use tokio::net::TcpListener;

use crate::whole;

/// The variable that says that a Docker Engine for tests exists.
const DOCKER: &str = "BERTH_TEST_DOCKER";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_somebody_replaced_is_followed_by_a_fresh_one() {
    if testing::required(DOCKER).is_none() {
        return;
    }
    testing::with_sqlite(async |db| {
        let settings = [("BERTH__RUNNER__THIS_MACHINE", "auto")];
        let server = TestServer::with_settings(whole(db), &settings);
        let (mut owner, workspace_id) = server.set_up().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(berthd::serve(server.app.clone(), listener));
        let runners = format!("/workspace/{workspace_id}/runner");
        let runner_id = eventually("this machine is connected", async || {
            let answer = owner.get(&runners).await;
            let runner = answer.body["items"][0].clone();
            (runner["connected"] == true).then_some(runner["runner_id"].clone())
        })
        .await;
        let runner = format!("{runners}/{}", runner_id.as_str().unwrap());
        // Its apps listen on an address that the dashboard's name, `localhost`, does not
        // resolve to.
        let shown = eventually("it says what it is", async || {
            let shown = owner.get(&runner).await.body["runner"].clone();
            (!shown["about"].is_null()).then_some(shown)
        })
        .await;
        assert_eq!(shown["about"]["publish_address"], "127.0.0.2", "{shown}");
        assert_eq!(shown.get("shares_dashboard_host"), None);

        let rotated = owner
            .call(Method::POST, &format!("{runner}/rotate-token"), None)
            .await;
        assert_eq!(rotated.status, 200, "{rotated:?}");
        let shown = rotated.body["token"].as_str().unwrap().to_owned();
        let path = client::stream_url::<ConnectRunner>(&Empty {}, &Empty {}).unwrap();
        eventually(
            "it has another token than the one that was shown",
            async || {
                let bearer = (header::AUTHORIZATION, format!("Bearer {shown}"));
                match streams::open(address, &path, &[bearer]).await {
                    Err(401) => Some(()),
                    _ => None,
                }
            },
        )
        .await;
        eventually("this machine is connected again", async || {
            let answer = owner.get(&runner).await;
            (answer.body["runner"]["connected"] == true).then_some(())
        })
        .await;
    })
    .await;
}
