//! Errors of the database, the same for both kinds.

use std::{path::PathBuf, sync::Arc};

use sqlx::error::{DatabaseError, ErrorKind};

use super::Constraint;

/// The failure of a statement.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A required row is missing.
    #[error("the row was not found")]
    NotFound,
    /// The change would violate a constraint.
    #[error("the change violates {0}")]
    Conflict(Constraint),
    /// The database is busy; another attempt may help.
    #[error("the database is busy")]
    Busy,
    /// The database does not answer, for an unknown time.
    #[error("the database is not responding")]
    Unavailable,
    /// The disk is full. Nothing of the change was stored.
    #[error("the database's disk is full")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Any other failure: a bug, or a broken database.
    #[error("a database operation failed")]
    Other(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A row with content that no version of Berth writes.
    pub fn invalid(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Other(source.into())
    }

    /// Logs the cause, because callers see no more than "busy".
    fn busy(cause: &sqlx::Error) -> Self {
        tracing::warn!(error = %cause, "the database is busy");
        Self::Busy
    }

    /// A broken connection, which is only a sign of an outage.
    ///
    /// The task that monitors the database logs the outage once.
    fn unavailable(cause: &sqlx::Error) -> Self {
        tracing::debug!(error = %cause, "a connection to the database was lost");
        Self::Unavailable
    }

    /// Classifies the driver's error, which several callers may share.
    pub(super) fn of(error: &Arc<sqlx::Error>) -> Self {
        match error.as_ref() {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::busy(error),
            sqlx::Error::Io(_) => Self::unavailable(error),
            sqlx::Error::Database(database) => match broken_constraint(database.as_ref()) {
                Some(constraint) => Self::Conflict(constraint),
                None => match condition(database.as_ref()) {
                    Condition::Unavailable => Self::unavailable(error),
                    Condition::Busy => Self::busy(error),
                    Condition::Full => Self::Full(Arc::clone(error).into()),
                    Condition::Broken => Self::Other(Arc::clone(error).into()),
                },
            },
            _ => Self::Other(Arc::clone(error).into()),
        }
    }

    /// True if the change violated this constraint.
    pub fn is_conflict(&self, constraint: Constraint) -> bool {
        matches!(self, Self::Conflict(broken) if *broken == constraint)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::of(&Arc::new(error))
    }
}

fn broken_constraint(error: &dyn DatabaseError) -> Option<Constraint> {
    match error.kind() {
        ErrorKind::ForeignKeyViolation => Some(Constraint::ForeignKey),
        ErrorKind::UniqueViolation => match error.constraint() {
            Some(name) => Constraint::by_name(name),
            None => Constraint::by_sqlite_message(error.message()),
        },
        _ => None,
    }
}

/// The class of a database's error code.
enum Condition {
    Unavailable,
    Busy,
    Full,
    Broken,
}

/// Classifies an error code of the database.
///
/// For SQLite it is the result code in the low byte (sqlite.org/rescode.html): `SQLITE_BUSY`,
/// `SQLITE_LOCKED` and `SQLITE_FULL`, and of the failures to write, the one to make room for
/// the index of the log, which means the same. For PostgreSQL (Appendix A of its manual) they
/// are lost connections and a server that is going down or coming up, serialization failures
/// and deadlocks, too many connections, an unavailable lock, and a full disk.
fn condition(error: &dyn DatabaseError) -> Condition {
    let Some(code) = error.code() else {
        return Condition::Broken;
    };
    if error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some()
    {
        const SQLITE_IOERR_SHMSIZE: i32 = 4874;
        return match code.parse::<i32>() {
            Ok(SQLITE_IOERR_SHMSIZE) => Condition::Full,
            Ok(code) => match code & 0xff {
                5 | 6 => Condition::Busy,
                13 => Condition::Full,
                _ => Condition::Broken,
            },
            Err(_) => Condition::Broken,
        };
    }
    match code.as_ref() {
        "53100" => Condition::Full,
        "40001" | "40P01" | "53300" | "55P03" => Condition::Busy,
        "57P01" | "57P02" | "57P03" => Condition::Unavailable,
        code if code.starts_with("08") => Condition::Unavailable,
        _ => Condition::Broken,
    }
}

/// The reason that the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another server uses the same folder.
    #[error(
        "another Berth server is already using the data folder {}; stop it, or choose another \
         folder with --data-dir", .0.display()
    )]
    Locked(PathBuf),
    /// The data folder or a file in it cannot be used.
    #[error("cannot use the data folder: {}", path.display())]
    DataDir {
        /// The folder or file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A server has run with the folder, and its database is missing or empty.
    #[error(
        "the database {path} is missing or empty, but a server has already used this folder; \
         restore the database from a backup, set `database.url` if you use PostgreSQL, or start \
         over in another folder with --data-dir",
        path = .0.display()
    )]
    Lost(PathBuf),
    /// The file in place of the database is something else.
    #[error(
        "{path} is not a Berth database; move it elsewhere, or choose another folder with \
         --data-dir",
        path = .0.display()
    )]
    Foreign(PathBuf),
    /// `database.url` cannot be parsed. It is not repeated, because it may hold a password.
    #[error(
        "`database.url` is not a valid PostgreSQL URL, such as postgres://user:password@host/name"
    )]
    UrlInvalid,
    /// The database cannot be reached.
    #[error("cannot open the database")]
    Connect(#[source] sqlx::Error),
    /// The migrations failed.
    #[error("failed to migrate the database schema")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}
