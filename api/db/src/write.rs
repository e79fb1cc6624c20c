//! Writing: a closure in a transaction, which decides how the transaction ends.

use std::fmt;

use futures::future::BoxFuture;

use super::{
    Db, StoreError, Tx,
    tx::Writing,
    write::Decision::{Abandon, Commit},
};

/// The end of a transaction, with the result of its closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision<T> {
    /// Keep the changes.
    Commit(T),
    /// Discard the changes; what was read is still true.
    Abandon(T),
}

impl<T> Decision<T> {
    /// Converts the result.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Decision<U> {
        match self {
            Commit(value) => Commit(convert(value)),
            Abandon(value) => Abandon(convert(value)),
        }
    }
}

/// The error of a closure in a transaction; it rolls the transaction back.
pub trait WriteError: From<StoreError> {
    /// True if the database failed; otherwise the error follows from what was read.
    fn is_of_database(&self) -> bool;
}

impl WriteError for StoreError {
    fn is_of_database(&self) -> bool {
        !matches!(self, Self::NotFound | Self::Conflict(_))
    }
}

/// A record of the changes made through a handle, stored together with them.
pub trait ChangeRecord: fmt::Debug + Send + Sync {
    /// Stores the record, as the last step of the transaction that it is about.
    ///
    /// # Errors
    /// An error rolls the transaction back.
    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), StoreError>>;
}

impl Db {
    /// Returns a handle whose every commit includes this record.
    #[must_use]
    pub fn with_record(&self, record: std::sync::Arc<dyn ChangeRecord>) -> Self {
        Self {
            record: Some(record),
            ..self.clone()
        }
    }

    /// Runs a closure in a transaction, and commits it or rolls it back.
    ///
    /// Nothing that the closure has read leaves before it is durable, not even in an error. On
    /// SQLite it waits until no other transaction is open, so do nothing slow in the closure.
    ///
    /// # Errors
    /// The closure's own; [`StoreError::Busy`] when no connection becomes free in time,
    /// [`StoreError::Unavailable`] at once when the database does not answer. After an error of
    /// the commit itself, the outcome is unknown.
    pub async fn write<T, E: WriteError>(
        &self,
        change: impl AsyncFnOnce(&mut Tx) -> Result<Decision<T>, E>,
    ) -> Result<T, E> {
        self.run(Writing::Anything, change).await
    }

    /// Writes like [`Self::write`], but only sessions.
    ///
    /// It works on a full disk too, once [`Self::give_up_reserve`] has released space.
    ///
    /// # Errors
    /// The same as [`Self::write`].
    pub async fn write_session<T, E: WriteError>(
        &self,
        change: impl AsyncFnOnce(&mut Tx) -> Result<Decision<T>, E>,
    ) -> Result<T, E> {
        self.run(Writing::Sessions, change).await
    }

    async fn run<T, E: WriteError>(
        &self,
        of: Writing,
        change: impl AsyncFnOnce(&mut Tx) -> Result<Decision<T>, E>,
    ) -> Result<T, E> {
        let mut tx = Tx::begin(self, of).await?;
        let mut decision = change(&mut tx).await;
        if let (Ok(Commit(_)), Some(record)) = (&decision, &self.record)
            && let Err(error) = record.store(&mut tx).await
        {
            decision = Err(error.into());
        }
        match decision {
            Ok(Commit(value)) => {
                tx.commit().await?;
                Ok(value)
            }
            Ok(Abandon(value)) => {
                tx.rollback().await?;
                Ok(value)
            }
            Err(error) => match tx.rollback().await {
                Err(lost) if !error.is_of_database() => Err(lost.into()),
                _ => Err(error),
            },
        }
    }
}
