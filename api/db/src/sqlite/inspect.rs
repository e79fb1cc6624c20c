//! Inspection of the database file before it is opened.
//!
//! A wrong file must not become a database.

use std::path::Path;

use sqlx::{Connection as _, SqliteConnection, error::DatabaseError, sqlite::SqliteConnectOptions};

use crate::OpenError;

/// The table that every database of Berth has, created before all others.
const OWN_TABLE: &str = "_sqlx_migrations";
const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table'";
/// `SQLITE_NOTADB` (sqlite.org/rescode.html).
const NOT_A_DATABASE: &str = "26";

/// Rejects a file that is not Berth's, and a lost database.
///
/// A database is lost if its file is missing or empty where a server has run before.
///
/// An interrupted first start leaves an empty file too, but only in a folder without a server
/// id.
pub(super) async fn check(path: &Path, was_used: bool) -> Result<(), OpenError> {
    // The newest commits may be in the log alone.
    let files = [path, &path.with_extension("db-wal")];
    let has_content = |file: &Path| file.metadata().is_ok_and(|file| file.len() > 0);
    let tables = if path.exists() && files.into_iter().any(has_content) {
        tables(path).await?
    } else {
        Vec::new()
    };
    if tables.is_empty() && was_used {
        return Err(OpenError::Lost(path.to_owned()));
    }
    if tables.is_empty() || tables.iter().any(|name| name == OWN_TABLE) {
        return Ok(());
    }
    Err(OpenError::Foreign(path.to_owned()))
}

/// Lists the tables in a database file, which stays unchanged.
async fn tables(path: &Path) -> Result<Vec<String>, OpenError> {
    let options = SqliteConnectOptions::new().filename(path);
    let failed = |error: sqlx::Error| match error.as_database_error().and_then(DatabaseError::code)
    {
        Some(code) if code == NOT_A_DATABASE => OpenError::Foreign(path.to_owned()),
        _ => OpenError::Connect(error),
    };
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(failed)?;
    let names = sqlx::query_scalar(TABLES).fetch_all(&mut connection).await;
    connection.close().await.map_err(OpenError::Connect)?;
    names.map_err(failed)
}
