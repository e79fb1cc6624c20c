//! A running app on a server of its own.

use std::net::SocketAddr;

use api::db::Db;
use models::WorkspaceId;

use crate::{
    harness::{Client, Fake, TestServer, eventually},
    streams::deploy,
};

/// A deployment with a running instance.
pub(crate) struct App {
    pub(crate) path: String,
    pub(crate) deployment_id: String,
    pub(crate) release_id: String,
    pub(crate) instance_id: String,
}

impl App {
    pub(crate) async fn deploy(owner: &mut Client, workspace_id: WorkspaceId, fake: &Fake) -> Self {
        let path = format!("/workspace/{workspace_id}/deployment");
        let path = deploy(owner, &path, fake).await;
        Self::running(owner, path).await
    }

    pub(super) async fn running(owner: &mut Client, path: String) -> Self {
        let instance = eventually("an instance runs", async || {
            let answer = owner.get(&path).await;
            let instance = answer.body["deployment"]["observed"]["instances"][0].clone();
            (instance["state"] == "running").then_some(instance)
        })
        .await;
        let text = |name: &str| instance[name].as_str().unwrap().to_owned();
        Self {
            deployment_id: path.rsplit('/').next().unwrap().to_owned(),
            release_id: text("release_id"),
            instance_id: text("instance_id"),
            path,
        }
    }

    pub(super) fn terminal(&self, query: &str) -> String {
        format!(
            "{}/instance/{}/terminal{query}",
            self.path, self.instance_id
        )
    }
}

/// A running app on its own server, and the app's owner.
pub(super) struct Fixture {
    pub(super) server: TestServer,
    pub(super) owner: Client,
    pub(super) workspace_id: WorkspaceId,
    pub(super) address: SocketAddr,
    pub(super) fake: Fake,
    pub(super) app: App,
}

impl Fixture {
    pub(super) async fn new(db: Db) -> Self {
        Self::on(TestServer::new(db)).await
    }

    pub(super) async fn on(server: TestServer) -> Self {
        let (mut owner, workspace_id) = server.set_up().await;
        let address = server.serve().await;
        let fake = Fake::join(&mut owner, workspace_id, "fake", address).await;
        let app = App::deploy(&mut owner, workspace_id, &fake).await;
        Self {
            server,
            owner,
            workspace_id,
            address,
            fake,
            app,
        }
    }
}

pub(super) async fn programs_end(fake: &Fake) {
    eventually("no program runs any more", async || {
        (fake.platform.programs() == 0).then_some(())
    })
    .await;
}
