//! The database of a simulation: one SQLite connection for all servers.
//!
//! Pools return connections from their own tasks, and drivers answer from threads. Here the
//! connection is behind one lock, and every statement is complete when the call returns. Time
//! passes only between statements, as much as the simulation decides. A server that crashed in
//! between never returns from the pause: its transaction is rolled back as if its process had
//! ended.

use std::{fmt, future::pending, sync::Arc, time::Duration};

use api::{
    blocking::block_on,
    db::{ExternalConnection, ExternalDb, ExternalTx, OpenError, StoreError, migrate},
};
use futures::future::BoxFuture;
use sqlx::{
    Connection as _, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::sleep,
};

use crate::{server::ProcessState, world::World};

/// The interval at which a server tries to reach its database again.
const RECONNECT: Duration = Duration::from_millis(500);

/// The connection that all servers share.
pub(crate) type SharedConnection = Arc<Mutex<SqliteConnection>>;

/// Inspection of the state after each commit.
pub(crate) type OnCommit = Arc<dyn Fn(&mut SqliteConnection) + Send + Sync>;

/// Opens an empty database in memory and creates its tables.
///
/// # Errors
/// When SQLite refuses.
pub(crate) fn open() -> Result<SharedConnection, OpenError> {
    let options = SqliteConnectOptions::new()
        .in_memory(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Memory)
        .synchronous(SqliteSynchronous::Off);
    let connecting = SqliteConnection::connect_with(&options);
    let mut connection = block_on(connecting).map_err(OpenError::Connect)?;
    block_on(migrate(&mut connection))?;
    Ok(Arc::new(Mutex::new(connection)))
}

/// One server's handle to the shared connection.
#[derive(Clone)]
pub(crate) struct Database {
    pub(crate) connection: SharedConnection,
    pub(crate) world: Arc<World>,
    pub(crate) process: ProcessState,
    pub(crate) on_commit: OnCommit,
}

/// The server crashed meanwhile.
struct ServerDied;

impl Database {
    /// Lets time pass, before a statement or a transaction and after a commit.
    async fn pause(&self, in_transaction: bool) -> Result<(), ServerDied> {
        let Self { world, process, .. } = self;
        // A transaction is not interrupted, because here it would hold up the others' too.
        while !in_transaction && !process.is_over() && process.is_cut_off() {
            sleep(RECONNECT).await;
        }
        if !process.is_over() && world.chance(world.profile.slow_statements) {
            world.wait(Duration::ZERO, world.profile.statement).await;
        }
        if process.is_over() {
            Err(ServerDied)
        } else {
            Ok(())
        }
    }

    /// Locks the connection. A crashed server goes no further.
    async fn lock(&self) -> OwnedMutexGuard<SqliteConnection> {
        if self.pause(false).await.is_err() {
            pending::<()>().await;
        }
        Arc::clone(&self.connection).lock_owned().await
    }
}

impl ExternalDb for Database {
    fn reader(&self) -> BoxFuture<'_, Result<ExternalConnection, StoreError>> {
        Box::pin(async { Ok(Box::new(self.lock().await) as ExternalConnection) })
    }

    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn ExternalTx>, StoreError>> {
        Box::pin(async {
            let mut connection = self.lock().await;
            run(&mut connection, "BEGIN IMMEDIATE")?;
            Ok(Box::new(Transaction {
                connection: Some(connection),
                database: self.clone(),
            }) as Box<dyn ExternalTx>)
        })
    }
}

/// An open transaction, which has the connection to itself.
struct Transaction {
    connection: Option<OwnedMutexGuard<SqliteConnection>>,
    database: Database,
}

impl Transaction {
    async fn pause(&mut self) {
        if self.database.pause(true).await.is_err() {
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

impl ExternalTx for Transaction {
    fn connection(&mut self) -> BoxFuture<'_, &mut SqliteConnection> {
        Box::pin(async {
            self.pause().await;
            match &mut self.connection {
                Some(connection) => &mut **connection,
                None => pending().await,
            }
        })
    }

    fn commit(mut self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>> {
        Box::pin(async move {
            run(self.connection().await, "COMMIT")?;
            if let Some(mut connection) = self.connection.take() {
                (self.database.on_commit)(&mut connection);
            }
            self.pause().await;
            Ok(())
        })
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.rollback();
    }
}

fn run(connection: &mut SqliteConnection, sql: &'static str) -> Result<(), StoreError> {
    block_on(sqlx::query(sql).execute(connection))?;
    Ok(())
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
