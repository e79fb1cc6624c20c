//! A server in this process.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use api::{
    app::{App, Opened},
    bus::Bus,
    clock::Clock,
    config::Sources,
    db::{Commit, Db, StoreError},
    http::FormEndpoint,
    seal::MasterKey,
    server::{self, Pages},
    services,
    store::{self, observation::Reporter},
};
use axum::Router;
use models::{RunnerId, UserId, WorkspaceId, rbac::Role};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use crate::{Answer, Client};

/// A reporter for a runner that never had a link.
pub const fn unconnected(runner_id: RunnerId) -> Reporter {
    Reporter {
        runner_id,
        epoch: 0,
    }
}

/// The password of every account.
/// The password of everybody.
pub const PASSWORD: &str = "correct horse battery staple";

/// A server's database and pages. A database alone stands for a server without pages.
pub struct Backing {
    pub db: Db,
    pub pages: Pages,
}

impl From<Db> for Backing {
    fn from(db: Db) -> Self {
        let pages = no_pages;
        Self { db, pages }
    }
}

fn no_pages(_: &App, _: Router, _: Vec<FormEndpoint>) -> Router {
    Router::new()
}

/// A server on a database of its own.
pub struct TestServer {
    pub app: App,
    pub router: Router,
    pages: Pages,
    _folder: TempDir,
}

impl TestServer {
    /// Creates a server whose limits do not get in the way.
    pub fn new(db: impl Into<Backing>) -> Self {
        Self::with_settings(db, &[])
    }

    /// Creates a server with these settings, named by their variables.
    pub fn with_settings(db: impl Into<Backing>, settings: &[(&str, &str)]) -> Self {
        Self::build(db.into(), MasterKey::random(), &Clock::system(), settings)
    }

    /// Creates a server on this clock.
    pub fn with_clock(db: impl Into<Backing>, clock: &Clock) -> Self {
        Self::build(db.into(), MasterKey::random(), clock, &[])
    }

    /// Creates another server on the same database.
    #[must_use]
    pub fn beside(&self, settings: &[(&str, &str)]) -> Self {
        let backing = Backing {
            db: self.app.db.clone(),
            pages: self.pages,
        };
        Self::build(
            backing,
            self.app.master_key.clone(),
            &Clock::system(),
            settings,
        )
    }

    fn build(
        Backing { db, pages }: Backing,
        master_key: MasterKey,
        clock: &Clock,
        settings: &[(&str, &str)],
    ) -> Self {
        let folder = TempDir::new().unwrap();
        // Later settings win, as in an environment.
        let variables: BTreeMap<String, String> = [
            ("BERTH__PASSWORD__MEMORY_KIB", "64"),
            ("BERTH__PASSWORD__ITERATIONS", "1"),
            ("BERTH__RATE_LIMITS__CREDENTIALS__PER_MINUTE", "1000000"),
            ("BERTH__RATE_LIMITS__CREDENTIALS__BURST", "1000000"),
            ("BERTH__RATE_LIMITS__ACCOUNT__BURST", "1000000"),
            ("BERTH__RATE_LIMITS__WRITES__BURST", "1000000"),
            ("BERTH__RATE_LIMITS__READS__BURST", "1000000"),
            ("BERTH__RUNNER__THIS_MACHINE", "off"),
        ]
        .iter()
        .chain(settings)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
        let sources = Sources {
            file: None,
            data_dir: Some(folder.path().to_owned()),
            variables: variables.into_iter().collect(),
        };
        let config = sources.load().unwrap();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let app = App::with(Opened {
            bus: Bus::connect(&config.bus, &tasks, &stop).unwrap(),
            clock: clock.clone(),
            server_id: Uuid::from_bytes(api::random::bytes()),
            config,
            db,
            master_key,
            tasks,
            stop,
        })
        .unwrap();
        Self {
            router: server::router(&app, pages),
            pages,
            app,
            _folder: folder,
        }
    }

    /// Serves on loopback as the program does, with all background tasks.
    pub async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(server::serve(
            self.app.clone(),
            listener,
            self.router.clone(),
        ));
        address
    }

    /// A caller who is not signed in.
    pub fn anybody(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// A program with this token.
    pub fn program(&self, token: &str) -> Client {
        Client::with_token(self.router.clone(), token)
    }

    /// Sets the server up; returns its administrator and the first workspace.
    pub async fn set_up(&self) -> (Client, WorkspaceId) {
        let token = services::setup::new_token(&self.app)
            .await
            .unwrap()
            .unwrap();
        let mut owner = self.anybody();
        let answer = owner
            .post(
                "/setup",
                &json!({
                    "token": token.expose(),
                    "name": "Ada",
                    "email": "ada@example.org",
                    "password": PASSWORD,
                    "workspace_name": "main",
                }),
            )
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let workspace_id = answer.body["workspace"]["workspace_id"].as_str().unwrap();
        (owner, workspace_id.parse().unwrap())
    }

    /// Reports the state of a release, as its runner would.
    pub async fn hears(&self, reporter: Reporter, report: Value) {
        let report = serde_json::from_value(report).unwrap();
        services::release::report(&self.app, reporter, report)
            .await
            .unwrap();
    }

    /// Creates and signs in another person, with a role in the workspace or none.
    pub async fn person(&self, name: &str, role: Option<(WorkspaceId, Role)>) -> Client {
        let user_id = UserId::from_uuid(self.app.ids.next());
        let email = models::value::Email::new(format!("{name}@example.org")).unwrap();
        let password_hash = self.app.passwords.hash(PASSWORD).await.unwrap();
        let new = store::app_user::NewUser {
            user_id,
            email: &email,
            name,
            password_hash: &password_hash,
            at: self.app.clock.now(),
        };
        let inserting = self.app.db.write(async |tx| {
            store::app_user::insert(tx, new).await?;
            if let Some((workspace_id, role)) = role {
                store::membership::insert(tx, workspace_id, user_id, role, new.at).await?;
            }
            Ok::<_, StoreError>(Commit(()))
        });
        inserting.await.unwrap();
        let mut person = self.anybody();
        let answer = person.sign_in(email.as_str(), PASSWORD).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        person
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.app.stop.cancel();
    }
}

impl Client {
    /// Signs in.
    pub async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.post("/session", &json!({"email": email, "password": password}))
            .await
    }
}

/// Waits until a condition holds; panics after half a minute.
pub async fn eventually<T>(what: &str, mut poll: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = poll().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting)
        .await
        .unwrap_or_else(|_| panic!("it never came true that {what}"))
}
