//! Values that the server itself keeps, by name.

use crate::db::{Source, StoreError, Tx, execute, fetch_optional, statements};

statements! {
    GET = "SELECT value FROM setting WHERE name = $1";
    SET = "INSERT INTO setting (name, value) VALUES ($1, $2)
           ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    DELETE = "DELETE FROM setting WHERE name = $1";
}

/// The value of a setting.
///
/// # Errors
/// Those of the database.
pub async fn get(source: impl Into<Source<'_>>, name: &str) -> Result<Option<String>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(source, (String,), GET, name)?;
    Ok(row.map(|(value,)| value))
}

/// Sets a value.
///
/// # Errors
/// Those of the database.
pub async fn set(tx: &mut Tx, name: &str, value: &str) -> Result<(), StoreError> {
    execute!(tx, SET, name, value)?;
    Ok(())
}

/// Forgets a value; says whether there was one.
///
/// # Errors
/// Those of the database.
pub async fn delete(tx: &mut Tx, name: &str) -> Result<bool, StoreError> {
    Ok(execute!(tx, DELETE, name)? > 0)
}
