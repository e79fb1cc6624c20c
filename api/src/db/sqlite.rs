//! The embedded database: one file, one process, one writing connection.

mod writer;

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub(super) use self::writer::Loan;
use self::writer::Writer;
use super::{ACQUIRE_TIMEOUT, OpenError, StoreError, migration};
use crate::files;

/// The database file in the data folder.
const FILE: &str = "berth.db";
/// Held locked for as long as a server works on the data folder.
const LOCK_FILE: &str = "berthd.lock";
/// Reads run beside the one writer; more connections than this only wait for the same disk.
const READERS: u32 = 4;
/// Readers meet a lock only in the moment when the write-ahead log is reset.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// To what the write-ahead log shrinks after a large transaction, in bytes.
const JOURNAL_SIZE_LIMIT: &str = "67108864";

/// The connections to an open SQLite file, and the lock that keeps other servers away from it.
#[derive(Debug)]
pub struct SqliteDb {
    readers: SqlitePool,
    writer: Writer,
    _lock: File,
}

impl SqliteDb {
    /// Opens or creates the file in the data folder, and brings its tables up to date.
    ///
    /// Every commit is on the disk before it is acknowledged (`synchronous = FULL`), so that
    /// neither `kill -9` nor a power cut loses one.
    pub(super) async fn open(data_dir: &Path) -> Result<Self, OpenError> {
        files::create_private_dir(data_dir).map_err(|source| OpenError::DataDir {
            path: data_dir.to_owned(),
            source,
        })?;
        let lock = lock(data_dir)?;
        let options = SqliteConnectOptions::new()
            .filename(data_dir.join(FILE))
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        // The writer comes first: it creates the file and puts it into WAL mode.
        let writing = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT)
            .optimize_on_close(true, None);
        let writer = Writer::open(writing, migration::run_on_sqlite).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .test_before_acquire(false)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.pragma("query_only", "on"))
            .await
            .map_err(OpenError::Connect)?;
        Ok(Self {
            readers,
            writer,
            _lock: lock,
        })
    }

    /// A connection that can only read.
    pub(super) async fn reader(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.readers.acquire().await?)
    }

    /// A transaction that only reads, beside all others.
    pub(super) async fn begin_reading(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.readers.begin_with("BEGIN DEFERRED").await?)
    }

    /// A transaction on the one writing connection.
    pub(super) async fn begin(&self) -> Result<Loan, StoreError> {
        self.writer.begin(ACQUIRE_TIMEOUT).await
    }

    /// Closes the readers first, so that the writer, as the last one, can tidy the log away.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Locks the data folder. The operating system lets go when the process ends, however it ends.
fn lock(data_dir: &Path) -> Result<File, OpenError> {
    let path = data_dir.join(LOCK_FILE);
    let opened = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let failed = |source: io::Error| OpenError::DataDir {
        path: path.clone(),
        source,
    };
    let file = opened.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(data_dir.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
