//! The contents of a server's database.

use std::collections::BTreeMap;

use api::db::{Db, testing::contents};

/// The full contents of the database, except the last use of sessions.
pub async fn state(db: &Db) -> BTreeMap<String, Vec<String>> {
    let mut state = contents(db).await;
    assert!(state.remove("session").is_some(), "{:?}", state.keys());
    state
}
