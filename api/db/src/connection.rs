//! Connections for statements: pooled ones to read on, or those of a transaction.

use std::ops::{Deref, DerefMut};

use sqlx::{Database, Postgres, Sqlite, pool::PoolConnection};

use super::{Db, Kind, Snapshot, StoreError, Tx};

/// A connection to either database, for one statement.
pub enum Connection<'a> {
    /// To SQLite.
    Sqlite(Held<'a, Sqlite>),
    /// To PostgreSQL.
    Postgres(Held<'a, Postgres>),
}

/// A connection of one database.
///
/// It comes from the database's pool, a transaction or an external database.
pub enum Held<'a, D: Database> {
    /// One of the pool.
    Pooled(PoolConnection<D>),
    /// A transaction's.
    Lent(&'a mut D::Connection),
    /// An external database's.
    External(Box<dyn DerefMut<Target = D::Connection> + Send>),
}

impl<D: Database> Deref for Held<'_, D> {
    type Target = D::Connection;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Pooled(connection) => connection,
            Self::Lent(connection) => connection,
            Self::External(connection) => connection,
        }
    }
}

impl<D: Database> DerefMut for Held<'_, D> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Self::Pooled(connection) => connection,
            Self::Lent(connection) => connection,
            Self::External(connection) => connection,
        }
    }
}

/// A source of reads: the database, a snapshot or a transaction.
///
/// Store functions that read on their own or as part of a transaction take `source: impl
/// Into<Source<'_>>`; callers pass `&db`, `&mut tx` or `&mut snapshot`.
pub enum Source<'a> {
    /// Reads committed state.
    Db(&'a Db),
    /// Reads one state.
    Snapshot(&'a mut Snapshot),
    /// Reads the transaction's own state.
    Tx(&'a mut Tx),
}

impl<'a> From<&'a Db> for Source<'a> {
    fn from(db: &'a Db) -> Self {
        Self::Db(db)
    }
}

impl<'a> From<&'a mut Snapshot> for Source<'a> {
    fn from(snapshot: &'a mut Snapshot) -> Self {
        Self::Snapshot(snapshot)
    }
}

impl<'a> From<&'a mut Tx> for Source<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self::Tx(tx)
    }
}

/// A source of reads of one state: a snapshot or a transaction.
///
/// Functions that read more than once take `source: impl Into<OneState<'_>>`, so that what they
/// return fits together.
pub struct OneState<'a>(Source<'a>);

impl<'a> From<&'a mut Snapshot> for OneState<'a> {
    fn from(snapshot: &'a mut Snapshot) -> Self {
        Self(snapshot.into())
    }
}

impl<'a> From<&'a mut Tx> for OneState<'a> {
    fn from(tx: &'a mut Tx) -> Self {
        Self(tx.into())
    }
}

impl<'a> From<OneState<'a>> for Source<'a> {
    fn from(OneState(source): OneState<'a>) -> Self {
        source
    }
}

impl OneState<'_> {
    /// Lends the source for one call.
    pub fn reborrow(&mut self) -> OneState<'_> {
        OneState(self.0.reborrow())
    }

    /// Acquires the connection to read on.
    #[doc(hidden)]
    pub async fn connection(&mut self) -> Result<Connection<'_>, StoreError> {
        self.0.connection().await
    }
}

impl Source<'_> {
    /// Lends the source for one call, for functions that read more than once.
    pub fn reborrow(&mut self) -> Source<'_> {
        match self {
            Self::Db(db) => Source::Db(db),
            Self::Snapshot(snapshot) => Source::Snapshot(snapshot),
            Self::Tx(tx) => Source::Tx(tx),
        }
    }

    /// Acquires the connection to read on.
    #[doc(hidden)]
    pub async fn connection(&mut self) -> Result<Connection<'_>, StoreError> {
        match self {
            Self::Db(db) => db.connection().await,
            Self::Snapshot(snapshot) => snapshot.connection().await,
            Self::Tx(tx) => tx.connection().await,
        }
    }
}

impl Db {
    /// Acquires a connection to read on.
    #[doc(hidden)]
    pub async fn connection(&self) -> Result<Connection<'static>, StoreError> {
        Ok(match &self.kind {
            Kind::Sqlite(sqlite) => Connection::Sqlite(Held::Pooled(sqlite.reader().await?)),
            Kind::Postgres(postgres) => {
                Connection::Postgres(Held::Pooled(postgres.acquire().await?))
            }
            Kind::External(db) => Connection::Sqlite(Held::External(db.reader().await?)),
        })
    }
}
