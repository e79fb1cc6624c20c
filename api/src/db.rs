//! The database: embedded SQLite by default, or a configured PostgreSQL.
//!
//! One SQL text serves both; the macros in `query` run it on either. A [`Db`] reads, and a
//! [`Tx`], which only [`Db::begin`] makes, reads and writes. On SQLite a transaction holds the
//! one writing connection from its first statement on, so no transaction that reads before it
//! writes can fail half-way because another one was faster.

mod connection;
mod constraint;
mod error;
mod external;
mod migration;
mod postgres;
mod query;
mod snapshot;
mod sqlite;
mod tx;

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod statement_tests;
#[doc(hidden)]
pub mod testing;
#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc, time::Duration};

pub use connection::Source;
pub(crate) use connection::{Connection, Held};
pub use constraint::Constraint;
pub use error::{OpenError, StoreError};
pub use external::{ExternalConnection, ExternalDb, ExternalTx, migrate};
pub(crate) use query::{
    execute, execute_with, fetch, fetch_all, fetch_one, fetch_optional, statements,
};
pub use snapshot::Snapshot;
pub use tx::Tx;
use tx::Writing;

use crate::config;
pub use postgres::PostgresDb;
pub use sqlite::SqliteDb;

/// The wait for a connection after which a request fails as busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A handle to the database; cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    /// A file in the data folder that belongs to this process alone.
    Sqlite(Arc<SqliteDb>),
    /// A database server that several Berth servers may share.
    Postgres(Arc<PostgresDb>),
    /// A database that another crate drives.
    External(Arc<dyn ExternalDb>),
}

impl Db {
    /// Opens the configured database and runs its migrations.
    ///
    /// # Errors
    /// When another server holds the SQLite file, when the database cannot be reached, or when its
    /// tables were made by a newer Berth.
    pub async fn open(config: &config::Database, data_dir: &Path) -> Result<Self, OpenError> {
        if config.url.expose().is_empty() {
            return Ok(Self::Sqlite(Arc::new(SqliteDb::open(data_dir).await?)));
        }
        Ok(Self::Postgres(Arc::new(PostgresDb::open(config).await?)))
    }

    /// Begins a transaction; dropping it rolls it back.
    ///
    /// On SQLite it waits until no other transaction is open, so do nothing slow inside one.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when no connection becomes free in time, [`StoreError::Unavailable`]
    /// at once when the database does not answer.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Tx::begin(self, Writing::Anything).await
    }

    /// Begins a transaction that writes only sessions.
    ///
    /// It works on a full disk too, once [`Self::give_up_reserve`] has released space.
    ///
    /// # Errors
    /// The same as [`Self::begin`].
    pub(crate) async fn begin_for_session(&self) -> Result<Tx, StoreError> {
        Tx::begin(self, Writing::Sessions).await
    }

    /// Releases the disk space reserved for sessions; returns whether there was any.
    pub(crate) fn give_up_reserve(&self) -> bool {
        match self {
            Self::Sqlite(sqlite) => sqlite.give_up_reserve(),
            // The disk of a PostgreSQL server is its administrator's concern.
            Self::Postgres(_) | Self::External(_) => false,
        }
    }

    /// Checks that the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        fetch_one!(self, (i64,), PING).map(|_| ())
    }

    /// Closes every connection; calls after this fail.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.close().await,
            Self::External(_) => {}
        }
    }
}

statements! {
    PING = "SELECT CAST(1 AS BIGINT)";
}
