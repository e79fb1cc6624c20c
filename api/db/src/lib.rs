//! The database: embedded SQLite by default, or a configured PostgreSQL.
//!
//! One SQL text serves both; the macros in `query` run it on either. A [`Db`] reads; a
//! [`Snapshot`] reads one state; a [`Tx`], which only [`Db::write`] lends, reads and writes. On
//! SQLite a transaction holds the one writing connection from its first statement on, so no
//! transaction that reads before it writes can fail half-way because another one was faster.
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        clippy::disallowed_types,
        reason = "tests start tasks and programs of their own"
    )
)]

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
mod write;

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
#[cfg(test)]
mod write_tests;

use std::{path::Path, sync::Arc, time::Duration};

use connection::{Connection, Held};
pub use connection::{OneState, Source};
pub use constraint::Constraint;
pub use error::{OpenError, StoreError};
pub use external::{ExternalConnection, ExternalDb, ExternalTx, migrate};
pub use snapshot::Snapshot;
pub use tx::Tx;
pub use write::{
    ChangeRecord,
    Decision::{self, Abandon, Commit},
    WriteError,
};

use postgres::PostgresDb;
use sqlite::SqliteDb;

/// Paths that the macros of `query` expand to.
#[doc(hidden)]
pub mod __private {
    pub use base::blocking::run_statement;
    pub use sqlx::{Postgres, Sqlite, query, query_as};

    pub use crate::connection::{Connection, Held};
}

/// The wait for a connection after which a request fails as busy.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A handle to the database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    kind: Kind,
    /// Stored with every commit through this handle.
    record: Option<Arc<dyn ChangeRecord>>,
}

/// The kinds of databases.
#[derive(Clone, Debug)]
enum Kind {
    /// A file in the data folder that belongs to this process alone.
    Sqlite(Arc<SqliteDb>),
    /// A database server that several Berth servers may share.
    Postgres(Arc<PostgresDb>),
    /// A database that another crate drives.
    External(Arc<dyn ExternalDb>),
}

impl Db {
    /// Opens the SQLite file in a data folder, and runs its migrations.
    ///
    /// # Errors
    /// When another server holds the file, when it is lost or not Berth's, or when its tables were
    /// made by a newer Berth.
    pub async fn open_sqlite(data_dir: &Path) -> Result<Self, OpenError> {
        let sqlite = SqliteDb::open(data_dir).await?;
        Ok(Self::new(Kind::Sqlite(Arc::new(sqlite))))
    }

    /// Connects to a PostgreSQL database, and runs its migrations.
    ///
    /// # Errors
    /// When it cannot be reached, or when its tables were made by a newer Berth.
    pub async fn open_postgres(url: &str, max_connections: u32) -> Result<Self, OpenError> {
        let postgres = PostgresDb::open(url, max_connections).await?;
        Ok(Self::new(Kind::Postgres(Arc::new(postgres))))
    }

    /// Creates a handle to a database that another crate drives.
    pub fn external(db: Arc<dyn ExternalDb>) -> Self {
        Self::new(Kind::External(db))
    }

    const fn new(kind: Kind) -> Self {
        Self { kind, record: None }
    }

    /// Releases the disk space reserved for sessions; returns whether there was any.
    pub fn give_up_reserve(&self) -> bool {
        match &self.kind {
            Kind::Sqlite(sqlite) => sqlite.give_up_reserve(),
            // The disk of a PostgreSQL server is its administrator's concern.
            Kind::Postgres(_) | Kind::External(_) => false,
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
        match &self.kind {
            Kind::Sqlite(sqlite) => sqlite.close().await,
            Kind::Postgres(postgres) => postgres.close().await,
            Kind::External(_) => {}
        }
    }
}

statements! {
    PING = "SELECT CAST(1 AS BIGINT)";
}
