//! The cluster of a run: servers, runners, and the person who acts.

use std::sync::{Arc, Mutex};

use api::{actor::Actor, app::App};
use models::{RunnerId, WorkspaceId};
use sqlx::SqliteConnection;
use tokio::sync::OwnedMutexGuard;

use crate::{
    net::Net,
    runner::RunnerHost,
    server::{Server, SharedBackend},
    world::{World, lock},
};

/// The cluster.
pub(crate) struct Cluster {
    pub(crate) world: Arc<World>,
    pub(crate) net: Arc<Net>,
    pub(crate) backend: Arc<SharedBackend>,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) actor: Actor,
    pub(crate) servers: Mutex<Vec<Server>>,
    pub(crate) hosts: Mutex<Vec<RunnerHost>>,
}

impl Cluster {
    /// The running servers.
    pub(crate) fn apps(&self) -> Vec<App> {
        let servers = lock(&self.servers);
        servers.iter().filter_map(Server::app).cloned().collect()
    }

    /// Every runner.
    pub(crate) fn runner_ids(&self) -> Vec<RunnerId> {
        let hosts = lock(&self.hosts);
        hosts.iter().map(|host| host.runner_id).collect()
    }

    /// Calls a function with a server.
    pub(crate) fn with_server<T>(
        &self,
        number: usize,
        change: impl FnOnce(&mut Server) -> T,
    ) -> Option<T> {
        lock(&self.servers).get_mut(number).map(change)
    }

    /// Calls a function with a runner.
    pub(crate) fn with_host<T>(
        &self,
        number: usize,
        change: impl FnOnce(&mut RunnerHost) -> T,
    ) -> Option<T> {
        lock(&self.hosts).get_mut(number).map(change)
    }

    /// Starts a server, unless it already runs.
    pub(crate) fn start_server(&self, number: usize) {
        if let Some(Err(error)) = self.with_server(number, Server::start) {
            self.world
                .violate(format!("server {number} cannot start: {error}"));
        }
    }

    /// Starts a runner, unless it already runs.
    pub(crate) fn start_runner(&self, number: usize) {
        if let Some(Err(error)) = self.with_host(number, RunnerHost::start) {
            self.world
                .violate(format!("runner {number} cannot start: {error}"));
        }
    }

    /// Locks the database itself, between two transactions.
    pub(crate) async fn connection(&self) -> OwnedMutexGuard<SqliteConnection> {
        Arc::clone(&self.backend.connection).lock_owned().await
    }
}
