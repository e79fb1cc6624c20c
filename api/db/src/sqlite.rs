//! The embedded database: one file, one process, one writing connection.

mod inspect;
mod reserve;
mod writer;

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use base::{private_files, server_id};
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

pub(super) use self::writer::WriterGuard;
use self::{reserve::Reserve, writer::Writer};
use super::{ACQUIRE_TIMEOUT, OpenError, StoreError, migration};

/// The database file in the data folder.
const FILE: &str = "berth.db";
/// The database's write-ahead log.
const WAL_FILE: &str = "berth.db-wal";
/// The index of that log.
const SHM_FILE: &str = "berth.db-shm";
/// The file that reserves disk space for sessions.
const RESERVE_FILE: &str = "berth.reserve";
/// The file that a server keeps locked for as long as it works on the data folder.
const LOCK_FILE: &str = "berthd.lock";
/// The number of reading connections.
///
/// Reads run beside the one writer; more connections would only wait for the same disk.
const READERS: u32 = 4;
/// The wait for a lock, which readers meet only while the write-ahead log is reset.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The size to which the write-ahead log shrinks, in bytes.
const JOURNAL_SIZE_LIMIT: &str = "67108864";

/// The connections to an open SQLite file, and its lock against other servers.
#[derive(Debug)]
pub struct SqliteDb {
    readers: SqlitePool,
    writer: Writer,
    reserve: Reserve,
    _lock: File,
}

impl SqliteDb {
    /// Opens or creates the file in the data folder, and runs its migrations.
    ///
    /// Every commit is on the disk before it is acknowledged (`synchronous = FULL`), so that
    /// neither `kill -9` nor a power cut loses one.
    pub(super) async fn open(data_dir: &Path) -> Result<Self, OpenError> {
        private_files::create_private_dir(data_dir).map_err(unusable(data_dir))?;
        let lock = lock(data_dir)?;
        let path = data_dir.join(FILE);
        inspect::check(&path, server_id::is_kept_in(data_dir)).await?;
        // SQLite gives its log and its index the permissions of the database file.
        for name in [FILE, WAL_FILE, SHM_FILE] {
            private_files::restrict_permissions(&data_dir.join(name))
                .map_err(unusable(data_dir))?;
        }
        private_files::open_private_file(&path).map_err(unusable(&path))?;
        let reserve_path = data_dir.join(RESERVE_FILE);
        let reserve = Reserve::take(&reserve_path).map_err(unusable(&reserve_path))?;
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        // The writer comes first: it puts the file into WAL mode.
        let writing = options
            .clone()
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
            reserve,
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
    pub(super) async fn begin(&self) -> Result<WriterGuard, StoreError> {
        self.reserve.allows_others()?;
        self.writer.begin(ACQUIRE_TIMEOUT).await
    }

    /// Like [`Self::begin`], but allowed while others are refused on a full disk.
    pub(super) async fn begin_for_session(&self) -> Result<WriterGuard, StoreError> {
        self.writer.begin(ACQUIRE_TIMEOUT).await
    }

    /// Releases the disk space reserved for sessions; returns whether there was any.
    pub(super) fn give_up_reserve(&self) -> bool {
        self.reserve.give_up()
    }

    /// Closes the readers first, so that the writer can remove the log.
    ///
    /// SQLite removes it only with the last connection.
    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Locks the data folder. The operating system releases the lock however the process ends.
fn lock(data_dir: &Path) -> Result<File, OpenError> {
    let path = data_dir.join(LOCK_FILE);
    let file = private_files::open_private_file(&path).map_err(unusable(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(data_dir.to_owned())),
        Err(TryLockError::Error(source)) => Err(unusable(&path)(source)),
    }
}

fn unusable(path: &Path) -> impl FnOnce(io::Error) -> OpenError + '_ {
    |source| OpenError::DataDir {
        path: path.to_owned(),
        source,
    }
}
