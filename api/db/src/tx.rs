//! Transactions: the only way to write.

use std::fmt;

use sqlx::{Postgres, Transaction};

use super::{Connection, Db, ExternalTx, Held, Kind, StoreError, sqlite::WriterGuard};

/// A transaction: all of it happens, or none.
///
/// Only [`Db::write`] begins and ends one.
pub struct Tx {
    inner: Inner,
    after_commit: Vec<Box<dyn FnOnce() + Send>>,
}

enum Inner {
    Sqlite(WriterGuard),
    Postgres(Transaction<'static, Postgres>),
    External(Box<dyn ExternalTx>),
}

/// The kind of writes in a transaction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Writing {
    Anything,
    /// Sessions only: also on a full disk, as far as space is reserved.
    Sessions,
}

impl Tx {
    pub(super) async fn begin(db: &Db, of: Writing) -> Result<Self, StoreError> {
        let inner = match &db.kind {
            Kind::Sqlite(sqlite) => Inner::Sqlite(match of {
                Writing::Anything => sqlite.begin().await?,
                Writing::Sessions => sqlite.begin_for_session().await?,
            }),
            Kind::Postgres(postgres) => Inner::Postgres(postgres.begin().await?),
            Kind::External(db) => Inner::External(db.begin().await?),
        };
        Ok(Self {
            inner,
            after_commit: Vec::new(),
        })
    }

    /// Commits durably, then runs the hooks of [`Tx::after_commit`].
    ///
    /// # Errors
    /// When the database refuses or cannot be reached; in the second case the outcome is unknown.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self.inner {
            Inner::Sqlite(guard) => guard.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
            Inner::External(tx) => tx.commit().await?,
        }
        for run in self.after_commit {
            run();
        }
        Ok(())
    }

    /// Rolls back, and waits until everything that it has read is durable.
    ///
    /// An answer may then be based on it.
    ///
    /// # Errors
    /// When the database cannot be reached, in which case it rolls back by itself, or when
    /// something that the transaction may have read was lost.
    pub(super) async fn rollback(self) -> Result<(), StoreError> {
        match self.inner {
            Inner::Sqlite(guard) => guard.rollback().await?,
            Inner::Postgres(tx) => tx.rollback().await?,
            Inner::External(tx) => drop(tx),
        }
        Ok(())
    }

    /// Runs a hook once the transaction is committed, and never if it is rolled back.
    ///
    /// Use it only for hints, such as waking a worker or publishing an event: a process that
    /// ends right after the commit does not run it. Work that must happen is a job.
    pub fn after_commit(&mut self, run: impl FnOnce() + Send + 'static) {
        self.after_commit.push(Box::new(run));
    }

    /// The transaction's connection.
    #[doc(hidden)]
    pub async fn connection(&mut self) -> Result<Connection<'_>, StoreError> {
        Ok(self.writer().await)
    }

    /// The transaction's connection, for statements that only a transaction may run.
    #[doc(hidden)]
    pub async fn writer(&mut self) -> Connection<'_> {
        match &mut self.inner {
            Inner::Sqlite(guard) => Connection::Sqlite(Held::Lent(guard.connection())),
            Inner::Postgres(tx) => Connection::Postgres(Held::Lent(&mut **tx)),
            Inner::External(tx) => Connection::Sqlite(Held::Lent(tx.connection().await)),
        }
    }
}

impl fmt::Debug for Tx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tx").finish_non_exhaustive()
    }
}
