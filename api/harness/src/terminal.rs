//! A running app on a server of its own.

use std::net::SocketAddr;

use models::WorkspaceId;

use crate::{Backing, Client, Fake, TestServer, eventually, streams::deploy};

/// A deployment with a running instance.
pub struct App {
    pub path: String,
    pub deployment_id: String,
    pub release_id: String,
    pub instance_id: String,
}

impl App {
    pub async fn deploy(owner: &mut Client, workspace_id: WorkspaceId, fake: &Fake) -> Self {
        let path = format!("/workspace/{workspace_id}/deployment");
        let path = deploy(owner, &path, fake).await;
        Self::running(owner, path).await
    }

    pub async fn running(owner: &mut Client, path: String) -> Self {
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

    pub fn terminal(&self, query: &str) -> String {
        format!(
            "{}/instance/{}/terminal{query}",
            self.path, self.instance_id
        )
    }
}

/// A running app on its own server, and the app's owner.
pub struct Fixture {
    pub server: TestServer,
    pub owner: Client,
    pub workspace_id: WorkspaceId,
    pub address: SocketAddr,
    pub fake: Fake,
    pub app: App,
}

impl Fixture {
    pub async fn new(db: impl Into<Backing>) -> Self {
        Self::on(TestServer::new(db)).await
    }

    pub async fn on(server: TestServer) -> Self {
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

pub async fn programs_end(fake: &Fake) {
    eventually("no program runs any more", async || {
        (fake.platform.programs() == 0).then_some(())
    })
    .await;
}
