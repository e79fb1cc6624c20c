//! The database of a simulation: one SQLite connection for all servers.
//!
//! Pools return connections from their own tasks, and drivers answer from threads. Here the
//! connection is behind one lock, and every statement is complete when the call returns. Time
//! passes only between statements, as much as the simulation decides. A server that crashed in
//! between never returns from the pause: its transaction is rolled back as if its process had
//! ended.

use std::{fmt, future::pending, sync::Arc};

use futures::future::BoxFuture;
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{Db, OpenError, StoreError, migration};
use crate::blocking::still;

/// The calling server crashed meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct ServerDied;

/// The simulation's control over a server's use of the database.
pub trait StatementHook: Send + Sync {
    /// Lets time pass; fails if the server has crashed meanwhile.
    ///
    /// It is called before a statement or a transaction, and inside a transaction before each
    /// statement and after the commit.
    fn pause(&self, inside: bool) -> BoxFuture<'static, Result<(), ServerDied>>;

    /// Inspects the state after a commit.
    fn committed(&self, connection: &mut SqliteConnection);
}

/// The connection that all simulated servers share.
pub type SharedConnection = Arc<Mutex<SqliteConnection>>;

/// One server's handle to the shared connection.
pub struct SimulatedDb {
    connection: SharedConnection,
    hook: Arc<dyn StatementHook>,
}

/// Opens an empty database in memory and creates its tables.
///
/// # Errors
/// When SQLite refuses.
pub fn open() -> Result<SharedConnection, OpenError> {
    let options = SqliteConnectOptions::new()
        .in_memory(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off);
    let mut connection =
        still(SqliteConnection::connect_with(&options)).map_err(OpenError::Connect)?;
    still(migration::run_on_sqlite(&mut connection))?;
    Ok(Arc::new(Mutex::new(connection)))
}

impl Db {
    /// Creates a simulated server's handle to the shared connection.
    pub fn simulated(connection: SharedConnection, hook: Arc<dyn StatementHook>) -> Self {
        Self::Simulated(Arc::new(SimulatedDb { connection, hook }))
    }
}

impl SimulatedDb {
    /// Locks the connection for one statement.
    pub(super) async fn reader(&self) -> OwnedMutexGuard<SqliteConnection> {
        self.pause().await;
        Arc::clone(&self.connection).lock_owned().await
    }

    /// Begins a transaction, which has the connection to itself.
    pub(super) async fn begin(&self) -> Result<SimulatedTx, StoreError> {
        self.pause().await;
        let mut connection = Arc::clone(&self.connection).lock_owned().await;
        run(&mut connection, "BEGIN IMMEDIATE")?;
        Ok(SimulatedTx {
            connection: Some(connection),
            hook: Arc::clone(&self.hook),
        })
    }

    async fn pause(&self) {
        if self.hook.pause(false).await.is_err() {
            pending::<()>().await;
        }
    }
}

/// An open transaction; dropping it rolls it back.
pub(super) struct SimulatedTx {
    connection: Option<OwnedMutexGuard<SqliteConnection>>,
    hook: Arc<dyn StatementHook>,
}

impl SimulatedTx {
    /// The connection for one statement.
    pub(super) async fn connection(&mut self) -> &mut SqliteConnection {
        self.pause().await;
        match &mut self.connection {
            Some(connection) => &mut *connection,
            // A crashed server goes no further.
            None => pending().await,
        }
    }

    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        run(self.connection().await, "COMMIT")?;
        if let Some(mut connection) = self.connection.take() {
            self.hook.committed(&mut connection);
        }
        self.pause().await;
        Ok(())
    }

    async fn pause(&mut self) {
        if self.hook.pause(true).await.is_err() {
            self.rollback();
            pending::<()>().await;
        }
    }

    fn rollback(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // SQLite refuses if it already rolled back by itself, as on a full disk.
            run(&mut connection, "ROLLBACK").ok();
        }
    }
}

impl Drop for SimulatedTx {
    fn drop(&mut self) {
        self.rollback();
    }
}

fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    still(sqlx::query(sql).execute(connection))?;
    Ok(())
}

impl fmt::Debug for SimulatedDb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedDb").finish_non_exhaustive()
    }
}
