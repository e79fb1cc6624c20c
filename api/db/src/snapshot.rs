//! Snapshots: several reads of one state of the database.

use std::fmt;

use sqlx::{Postgres, Sqlite, Transaction};

use super::{Connection, Db, ExternalTx, Held, Kind, StoreError};

/// Reads of one state of the database, without later commits of others.
///
/// A snapshot holds a connection for its whole life, so do nothing slow meanwhile.
pub struct Snapshot(Inner);

enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
    External(Box<dyn ExternalTx>),
}

impl Db {
    /// Begins a snapshot; its first statement decides which state it reads.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when no connection becomes free in time.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(Snapshot(match &self.kind {
            Kind::Sqlite(sqlite) => Inner::Sqlite(sqlite.begin_reading().await?),
            Kind::Postgres(postgres) => Inner::Postgres(postgres.begin_reading().await?),
            Kind::External(db) => Inner::External(db.begin().await?),
        }))
    }
}

impl Snapshot {
    /// The connection to read on.
    #[doc(hidden)]
    pub async fn connection(&mut self) -> Result<Connection<'_>, StoreError> {
        Ok(match &mut self.0 {
            Inner::Sqlite(tx) => Connection::Sqlite(Held::Lent(&mut **tx)),
            Inner::Postgres(tx) => Connection::Postgres(Held::Lent(&mut **tx)),
            Inner::External(tx) => Connection::Sqlite(Held::Lent(tx.connection().await)),
        })
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}
