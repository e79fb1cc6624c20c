//! The cluster of a run: servers, runners, and the person who acts.

use std::sync::{Arc, Mutex};

use api::{actor::Actor, app::App};
use models::{RunnerId, WorkspaceId};
use sqlx::SqliteConnection;
use tokio::sync::OwnedMutexGuard;

use crate::{
    net::Net,
    runner::Host,
    server::{Installation, Server},
    world::{World, lock},
};

/// The cluster.
pub(crate) struct Cast {
    pub(crate) world: Arc<World>,
    pub(crate) net: Arc<Net>,
    pub(crate) installation: Arc<Installation>,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) actor: Actor,
    pub(crate) servers: Mutex<Vec<Server>>,
    pub(crate) hosts: Mutex<Vec<Host>>,
}

impl Cast {
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
        change: impl FnOnce(&mut Host) -> T,
    ) -> Option<T> {
        lock(&self.hosts).get_mut(number).map(change)
    }

    /// Starts a server, unless it already runs.
    pub(crate) fn start_server(&self, number: usize) {
        if let Some(Err(error)) = self.with_server(number, Server::start) {
            self.world
                .broke(format!("server {number} cannot start: {error}"));
        }
    }

    /// Starts a runner, unless it already runs.
    pub(crate) fn start_runner(&self, number: usize) {
        if let Some(Err(error)) = self.with_host(number, Host::start) {
            self.world
                .broke(format!("runner {number} cannot start: {error}"));
        }
    }

    /// Locks the database itself, between two transactions.
    pub(crate) async fn connection(&self) -> OwnedMutexGuard<SqliteConnection> {
        Arc::clone(&self.installation.connection).lock_owned().await
    }
}
