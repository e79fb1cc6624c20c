//! User accounts.

use models::{UserId, time::Timestamp, value::Email};
use uuid::Uuid;

use crate::db::{Db, Source, StoreError, Tx, execute, fetch_one, fetch_optional, statements};

statements! {
    INSERT = "INSERT INTO app_user (user_id, email, name, password_hash, created_at)
              VALUES ($1, $2, $3, $4, $5)";
    FIND = "SELECT user_id, email, name, password_hash FROM app_user WHERE user_id = $1";
    FIND_BY_EMAIL = "SELECT user_id, email, name, password_hash FROM app_user WHERE email = $1";
    COUNT = "SELECT COUNT(*) FROM app_user";
}

/// A user's row.
#[derive(Clone, sqlx::FromRow)]
pub struct User {
    user_id: Uuid,
    /// Email address, in lower case.
    pub email: String,
    /// Display name.
    pub name: String,
    /// Password hash, in PHC format.
    pub password_hash: String,
}

impl User {
    /// Returns the user's id.
    pub fn user_id(&self) -> UserId {
        self.user_id.into()
    }
}

/// A user to insert.
#[derive(Clone, Copy)]
pub struct NewUser<'a> {
    /// Id of the user.
    pub user_id: UserId,
    /// Email address; stored in lower case.
    pub email: &'a Email,
    /// Display name.
    pub name: &'a str,
    /// Password hash, in PHC format.
    pub password_hash: &'a str,
    /// Creation time.
    pub at: Timestamp,
}

/// Inserts a user.
///
/// # Errors
/// [`crate::db::Constraint::UserEmail`] when another user has the address.
pub async fn insert(tx: &mut Tx, user: NewUser<'_>) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        user.user_id.uuid(),
        user.email.as_str().to_lowercase(),
        user.name,
        user.password_hash,
        user.at.micros(),
    )?;
    Ok(())
}

/// Finds a user by id.
///
/// # Errors
/// Database errors.
pub async fn find(db: &Db, user_id: UserId) -> Result<Option<User>, StoreError> {
    fetch_optional!(db, User, FIND, user_id.uuid())
}

/// Finds a user by email address, ignoring case.
///
/// # Errors
/// Database errors.
pub async fn find_by_email(db: &Db, email: &Email) -> Result<Option<User>, StoreError> {
    fetch_optional!(db, User, FIND_BY_EMAIL, email.as_str().to_lowercase())
}

/// Counts all users.
///
/// # Errors
/// Database errors.
pub async fn count(source: impl Into<Source<'_>>) -> Result<i64, StoreError> {
    let mut source = source.into();
    fetch_one!(source, (i64,), COUNT).map(|(count,)| count)
}
