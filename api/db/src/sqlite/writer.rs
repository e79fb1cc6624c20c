//! The one writing connection, handed to one transaction after the other.
//!
//! A transaction's cost is the wait for the disk. So transactions that follow each other
//! without a gap share one `fsync` (group commit): the first begins the group, each later one
//! has a savepoint, and none is acknowledged before the whole group is committed. One task
//! begins, rolls back and commits, so that a caller that disappears leaves nothing half done.
//!
//! SQLite rolls back a whole transaction by itself when the disk is full or fails (sqlite.org,
//! "Response To Errors Within A Transaction"). A hook notices, and then the whole group is lost
//! and its callers are told so.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, mpsc, oneshot},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{OpenError, StoreError};

/// The most transactions in a group, because the first one waits for the last.
///
/// Transactions that are rolled back count too.
const MAX_GROUP: usize = 32;

/// A caller that waits for the connection.
type Request = oneshot::Sender<Result<WriterGuard, StoreError>>;

/// A caller that waits until the group is on disk.
type Member = oneshot::Sender<Result<(), StoreError>>;

/// The end of a transaction.
#[derive(Debug)]
struct End {
    is_kept: bool,
    member: Member,
}

/// The handle to the writing connection.
#[derive(Debug)]
pub(super) struct Writer {
    requests: mpsc::UnboundedSender<Request>,
    closing: CancellationToken,
    committer: TaskTracker,
}

impl Writer {
    /// Opens a connection, prepares it, and hands it out from now on.
    pub(super) async fn open(
        options: SqliteConnectOptions,
        prepare: impl AsyncFnOnce(&mut SqliteConnection) -> Result<(), OpenError>,
    ) -> Result<Self, OpenError> {
        let (connection, is_undone) = connect(&options).await.map_err(OpenError::Connect)?;
        prepare(&mut *connection.lock().await).await?;
        let (requests, receiver) = mpsc::unbounded_channel();
        let closing = CancellationToken::new();
        let committer = TaskTracker::new();
        let task = GroupCommitter {
            connection,
            is_undone,
            options,
            requests: receiver,
        };
        committer.spawn(task.run(closing.clone()));
        committer.close();
        Ok(Self {
            requests,
            closing,
            committer,
        })
    }

    /// Borrows the connection, inside a transaction.
    pub(super) async fn begin(&self, patience: Duration) -> Result<WriterGuard, StoreError> {
        let (request, answer) = oneshot::channel();
        self.requests
            .send(request)
            .map_err(|_| sqlx::Error::PoolClosed)?;
        let answer = timeout(patience, answer)
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?;
        answer.map_err(|_| sqlx::Error::PoolClosed)?
    }

    /// Closes the connection once the current transaction has ended.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.committer.wait().await;
    }
}

/// The writing connection for one transaction; dropping it rolls back.
#[derive(Debug)]
pub(crate) struct WriterGuard {
    connection: OwnedMutexGuard<SqliteConnection>,
    over: oneshot::Sender<End>,
}

impl WriterGuard {
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Commits, and waits until the transaction is on disk.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.end(true).await
    }

    /// Rolls back, and waits until everything that it has read is on disk.
    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        self.end(false).await
    }

    async fn end(self, is_kept: bool) -> Result<(), StoreError> {
        let Self { connection, over } = self;
        drop(connection);
        let (member, outcome) = oneshot::channel();
        let end = End { is_kept, member };
        over.send(end).map_err(|_| sqlx::Error::PoolClosed)?;
        outcome.await.map_err(|_| sqlx::Error::PoolClosed)?
    }
}

/// The task that owns the connection.
struct GroupCommitter {
    connection: Arc<Mutex<SqliteConnection>>,
    /// True if the transaction was rolled back, by SQLite or by this task.
    is_undone: Arc<AtomicBool>,
    options: SqliteConnectOptions,
    requests: mpsc::UnboundedReceiver<Request>,
}

/// Transactions that are committed together.
#[derive(Default)]
struct Group {
    /// True if there is anything to commit.
    is_begun: bool,
    members: Vec<Member>,
}

impl GroupCommitter {
    async fn run(mut self, closing: CancellationToken) {
        while let Some(Some(first)) = closing.run_until_cancelled(self.requests.recv()).await {
            self.serve(first).await;
        }
        if let Some(connection) = Arc::into_inner(self.connection)
            && let Err(error) = connection.into_inner().close().await
        {
            tracing::warn!(%error, "the database was not closed cleanly");
        }
    }

    /// Hands the connection to all waiting callers, then commits for all of them.
    async fn serve(&mut self, first: Request) {
        let mut group = Group::default();
        let mut next = Some(first);
        for members in 1.. {
            let Some(request) = next else { break };
            if let Err(error) = self.hand_out(&mut group, request).await {
                tracing::warn!(%error, "rolling back a group commit");
                self.roll_back().await;
                return notify(group.members, || Err(StoreError::Busy));
            }
            next = (members < MAX_GROUP)
                .then(|| self.requests.try_recv().ok())
                .flatten();
        }
        if !group.is_begun {
            return;
        }
        match self.execute("COMMIT").await {
            Ok(()) => notify(group.members, || Ok(())),
            Err(error) => {
                self.roll_back().await;
                let error = Arc::new(error);
                notify(group.members, || Err(StoreError::of(&error)));
            }
        }
    }

    /// Hands out the connection once.
    ///
    /// # Errors
    /// When the whole group is lost.
    async fn hand_out(&mut self, group: &mut Group, request: Request) -> Result<(), sqlx::Error> {
        if request.is_closed() {
            return Ok(());
        }
        let begins = !group.is_begun;
        if !begins {
            self.execute("SAVEPOINT member").await?;
        } else if let Err(error) = self.begin().await {
            // The caller may have stopped waiting; then nobody needs the error.
            let _ = request.send(Err(error.into()));
            return Ok(());
        }
        let (over, ended) = oneshot::channel();
        let connection = Arc::clone(&self.connection).lock_owned().await;
        // If the caller stopped waiting, the guard is dropped, which rolls the transaction back.
        let _ = request.send(Ok(WriterGuard { connection, over }));
        let end = ended.await.ok();
        let is_kept = end.as_ref().is_some_and(|end| end.is_kept);
        group.is_begun |= is_kept;
        group.members.extend(end.map(|end| end.member));
        if !is_kept {
            self.reclaim(begins).await?;
        }
        if self.is_undone.load(Ordering::SeqCst) && group.is_begun {
            return Err(sqlx::Error::Protocol(
                "SQLite already rolled back the transaction".into(),
            ));
        }
        if !group.is_begun {
            notify(std::mem::take(&mut group.members), || Ok(()));
        }
        Ok(())
    }

    /// Rolls back to the state before the last caller.
    async fn reclaim(&self, is_all: bool) -> Result<(), sqlx::Error> {
        if is_all {
            self.roll_back().await;
            return Ok(());
        }
        self.execute("ROLLBACK TO member").await?;
        self.execute("RELEASE member").await
    }

    async fn begin(&mut self) -> Result<(), sqlx::Error> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        self.is_undone.store(false, Ordering::SeqCst);
        match self.execute(BEGIN).await {
            Ok(()) => return Ok(()),
            Err(sqlx::Error::Database(error)) => {
                // A transaction that could not be rolled back may still be open.
                tracing::debug!(%error, "failed to begin a transaction");
                self.roll_back().await;
                self.is_undone.store(false, Ordering::SeqCst);
            }
            Err(error) => {
                tracing::error!(%error, "reopening the database");
                (self.connection, self.is_undone) = connect(&self.options).await?;
            }
        }
        self.execute(BEGIN).await
    }

    async fn roll_back(&self) {
        // SQLite refuses if it already rolled back by itself, which has the same effect.
        if let Err(error) = self.execute("ROLLBACK").await {
            tracing::debug!(%error, "there was nothing to roll back");
        }
    }

    async fn execute(&self, sql: &'static str) -> Result<(), sqlx::Error> {
        let mut connection = self.connection.lock().await;
        sqlx::query(sql).execute(&mut *connection).await.map(drop)
    }
}

/// A connection, and the flag that its rollback hook sets.
async fn connect(
    options: &SqliteConnectOptions,
) -> Result<(Arc<Mutex<SqliteConnection>>, Arc<AtomicBool>), sqlx::Error> {
    let mut connection = SqliteConnection::connect_with(options).await?;
    let is_undone = Arc::new(AtomicBool::new(false));
    let undone = Arc::clone(&is_undone);
    connection
        .lock_handle()
        .await?
        .set_rollback_hook(move || undone.store(true, Ordering::SeqCst));
    Ok((Arc::new(Mutex::new(connection)), is_undone))
}

fn notify(members: Vec<Member>, outcome: impl Fn() -> Result<(), StoreError>) {
    for member in members {
        // The caller may have stopped waiting for the outcome.
        let _ = member.send(outcome());
    }
}
