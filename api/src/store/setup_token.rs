//! Set-up tokens: whoever presents one may become the first administrator.

use models::time::Timestamp;

use crate::{
    db::{Db, StoreError, Tx, execute, fetch_optional, statements},
    random::TokenHash,
};

statements! {
    INSERT = "INSERT INTO setup_token (token_hash, expires_at) VALUES ($1, $2)";
    FIND = "SELECT expires_at FROM setup_token WHERE token_hash = $1 AND expires_at > $2";
    PRUNE = "DELETE FROM setup_token WHERE expires_at <= $1";
    CLEAR = "DELETE FROM setup_token";
}

/// Inserts a token.
///
/// # Errors
/// Database errors.
pub async fn insert(
    tx: &mut Tx,
    token: &TokenHash,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let token: &[u8] = token.as_bytes();
    execute!(tx, INSERT, token, expires_at.micros())?;
    Ok(())
}

/// True if the token exists and has not expired.
///
/// # Errors
/// Database errors.
pub async fn is_valid(db: &Db, token: &TokenHash, now: Timestamp) -> Result<bool, StoreError> {
    let token: &[u8] = token.as_bytes();
    let found = fetch_optional!(db, (i64,), FIND, token, now.micros())?;
    Ok(found.is_some())
}

/// Deletes expired tokens.
///
/// # Errors
/// Database errors.
pub async fn prune(tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
    execute!(tx, PRUNE, now.micros())?;
    Ok(())
}

/// Deletes all tokens; returns true if there were any.
///
/// Of two concurrent transactions, the second waits for the first and finds none.
///
/// # Errors
/// Database errors.
pub async fn clear(tx: &mut Tx) -> Result<bool, StoreError> {
    Ok(execute!(tx, CLEAR)? > 0)
}
