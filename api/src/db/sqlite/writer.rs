//! The one writing connection, which is lent to one transaction after the other.
//!
//! What a transaction waits for is the disk. So those that follow each other without a gap are
//! committed together and the disk is asked once for all of them (group commit): the first begins
//! the group, each one behind it has a savepoint, and nobody is told that anything is kept before
//! all of it is. Only a task of its own begins, takes back and commits, so that a caller that goes
//! away in the middle of it leaves nothing half done.

use std::{sync::Arc, time::Duration};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, mpsc, oneshot},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::db::StoreError;

/// How many transactions are committed together at the most: the first one waits for the last.
const MAX_GROUP: usize = 32;

/// Somebody who waits for the connection.
type Request = oneshot::Sender<Result<Loan, StoreError>>;

/// Somebody who waits until the group is on the disk.
type Member = oneshot::Sender<Result<(), StoreError>>;

/// The way to the writing connection.
#[derive(Debug)]
pub(super) struct Writer {
    requests: mpsc::UnboundedSender<Request>,
    closing: CancellationToken,
    keeper: TaskTracker,
}

impl Writer {
    /// Lends a connection from now on.
    pub(super) fn new(connection: SqliteConnection, options: SqliteConnectOptions) -> Self {
        let (requests, receiver) = mpsc::unbounded_channel();
        let closing = CancellationToken::new();
        let keeper = TaskTracker::new();
        keeper.spawn(
            Keeper {
                connection: Arc::new(Mutex::new(connection)),
                options,
                requests: receiver,
            }
            .run(closing.clone()),
        );
        keeper.close();
        Self {
            requests,
            closing,
            keeper,
        }
    }

    /// The connection, inside a transaction.
    pub(super) async fn begin(&self, patience: Duration) -> Result<Loan, StoreError> {
        let (request, answer) = oneshot::channel();
        self.requests
            .send(request)
            .map_err(|_| sqlx::Error::PoolClosed)?;
        let answer = timeout(patience, answer)
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?;
        answer.map_err(|_| sqlx::Error::PoolClosed)?
    }

    /// Closes the connection once the transaction that has it is over.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.keeper.wait().await;
    }
}

/// The writing connection for the length of a transaction; dropping it takes the transaction back.
#[derive(Debug)]
pub(in crate::db) struct Loan {
    connection: OwnedMutexGuard<SqliteConnection>,
    over: oneshot::Sender<Member>,
}

impl Loan {
    pub(in crate::db) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Waits until everything in it is on the disk.
    pub(in crate::db) async fn commit(self) -> Result<(), StoreError> {
        let Self { connection, over } = self;
        drop(connection);
        let (member, kept) = oneshot::channel();
        over.send(member).map_err(|_| sqlx::Error::PoolClosed)?;
        kept.await.map_err(|_| sqlx::Error::PoolClosed)?
    }
}

/// The task that has the connection.
struct Keeper {
    connection: Arc<Mutex<SqliteConnection>>,
    options: SqliteConnectOptions,
    requests: mpsc::UnboundedReceiver<Request>,
}

impl Keeper {
    async fn run(mut self, closing: CancellationToken) {
        while let Some(Some(first)) = closing.run_until_cancelled(self.requests.recv()).await {
            self.group(first).await;
        }
        if let Some(connection) = Arc::into_inner(self.connection)
            && let Err(error) = connection.into_inner().close().await
        {
            tracing::warn!(%error, "the database was not closed in order");
        }
    }

    /// Lends the connection to everybody who waits, then commits for all of them.
    async fn group(&mut self, first: Request) {
        let mut members = Vec::new();
        let mut next = Some(first);
        while let Some(request) = next {
            match self.lend(request, members.is_empty()).await {
                Ok(Some(member)) => members.push(member),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "what was to be committed together is taken back");
                    return self.lose(members, || StoreError::Busy).await;
                }
            }
            next = if members.len() < MAX_GROUP {
                self.requests.try_recv().ok()
            } else {
                None
            };
        }
        if members.is_empty() {
            return;
        }
        match self.execute("COMMIT").await {
            Ok(()) => tell(members, || Ok(())),
            Err(error) => {
                let error = Arc::new(error);
                self.lose(members, || StoreError::of(&error)).await;
            }
        }
    }

    /// Lends the connection once; gives who waits for the commit, if it is to be kept.
    ///
    /// # Errors
    /// When the group is lost with all who are in it already.
    async fn lend(
        &mut self,
        request: Request,
        begins_group: bool,
    ) -> Result<Option<Member>, sqlx::Error> {
        if request.is_closed() {
            return Ok(None);
        }
        if begins_group {
            if let Err(error) = self.begin().await {
                // Who no longer waits needs no answer.
                let _ = request.send(Err(error.into()));
                return Ok(None);
            }
        } else {
            self.execute("SAVEPOINT member").await?;
        }
        let (over, ended) = oneshot::channel();
        let connection = Arc::clone(&self.connection).lock_owned().await;
        // Who no longer waits drops it, and so takes it back.
        let _ = request.send(Ok(Loan { connection, over }));
        if let Ok(member) = ended.await {
            return Ok(Some(member));
        }
        if begins_group {
            self.roll_back().await;
        } else {
            // SQLite takes a whole transaction back by itself when the disk is full or fails
            // (sqlite.org, "Response To Errors Within A Transaction"); then this fails too.
            self.execute("ROLLBACK TO member").await?;
        }
        Ok(None)
    }

    async fn begin(&mut self) -> Result<(), sqlx::Error> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        match self.execute(BEGIN).await {
            Ok(()) => Ok(()),
            Err(error @ sqlx::Error::Database(_)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "the database is opened anew");
                let connection = SqliteConnection::connect_with(&self.options).await?;
                self.connection = Arc::new(Mutex::new(connection));
                self.execute(BEGIN).await
            }
        }
    }

    /// Takes a group back and says so to all who are in it.
    async fn lose(&self, members: Vec<Member>, error: impl Fn() -> StoreError) {
        self.roll_back().await;
        tell(members, || Err(error()));
    }

    async fn roll_back(&self) {
        // It refuses when SQLite did so already, which is the same in the end.
        if let Err(error) = self.execute("ROLLBACK").await {
            tracing::debug!(%error, "there was nothing to take back");
        }
    }

    async fn execute(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        let mut connection = self.connection.lock().await;
        sqlx::query(sql).execute(&mut *connection).await.map(drop)
    }
}

fn tell(members: Vec<Member>, outcome: impl Fn() -> Result<(), StoreError>) {
    for member in members {
        // Who no longer waits does not need to know.
        let _ = member.send(outcome());
    }
}
