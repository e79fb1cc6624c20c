//! People.

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

/// A person's row.
#[derive(Clone, sqlx::FromRow)]
pub struct User {
    user_id: Uuid,
    /// Where the person is reached, in lower case.
    pub email: String,
    /// What the person is called.
    pub name: String,
    /// The password's hash, in PHC format.
    pub password_hash: String,
}

impl User {
    /// The person's id.
    pub fn user_id(&self) -> UserId {
        self.user_id.into()
    }
}

/// A person to add.
#[derive(Clone, Copy)]
pub struct NewUser<'a> {
    /// The person's id.
    pub user_id: UserId,
    /// Where the person is reached.
    pub email: &'a Email,
    /// What the person is called.
    pub name: &'a str,
    /// The password's hash, in PHC format.
    pub password_hash: &'a str,
    /// When the person was added.
    pub at: Timestamp,
}

/// Adds a person.
///
/// # Errors
/// [`crate::db::Constraint::UserEmail`] when somebody has the address already.
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

/// The person of this id.
///
/// # Errors
/// Those of the database.
pub async fn find(db: &Db, user_id: UserId) -> Result<Option<User>, StoreError> {
    fetch_optional!(db, User, FIND, user_id.uuid())
}

/// The person with this address, in whatever case it is written.
///
/// # Errors
/// Those of the database.
pub async fn find_by_email(db: &Db, email: &Email) -> Result<Option<User>, StoreError> {
    fetch_optional!(db, User, FIND_BY_EMAIL, email.as_str().to_lowercase())
}

/// How many people there are.
///
/// # Errors
/// Those of the database.
pub async fn count(source: impl Into<Source<'_>>) -> Result<i64, StoreError> {
    let mut source = source.into();
    fetch_one!(source, (i64,), COUNT).map(|(count,)| count)
}
