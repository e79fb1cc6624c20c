//! A SQLite database that another crate drives, such as a simulation.
//!
//! Everything but the connections themselves is the product's: SQL, schema, transactions,
//! errors.

use std::{fmt, ops::DerefMut};

use futures::future::BoxFuture;
use sqlx::SqliteConnection;

use super::{OpenError, StoreError, migration};

/// A connection for one statement, returned when it is dropped.
pub type ExternalConnection = Box<dyn DerefMut<Target = SqliteConnection> + Send>;

/// A source of SQLite connections.
pub trait ExternalDb: fmt::Debug + Send + Sync {
    /// Acquires a connection to read on.
    fn reader(&self) -> BoxFuture<'_, Result<ExternalConnection, StoreError>>;

    /// Begins a transaction, which sees only its own changes until it ends.
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn ExternalTx>, StoreError>>;
}

/// An open transaction; dropping it rolls it back.
pub trait ExternalTx: Send {
    /// Returns its connection, for one statement.
    fn connection(&mut self) -> BoxFuture<'_, &mut SqliteConnection>;

    /// Commits it.
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<(), StoreError>>;
}

/// Migrates an external database to the newest schema.
///
/// # Errors
/// When SQLite refuses, or the schema is newer than this version.
pub async fn migrate(connection: &mut SqliteConnection) -> Result<(), OpenError> {
    migration::run_on_sqlite(connection).await
}
