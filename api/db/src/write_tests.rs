//! Closures in transactions: changes, errors and records end together.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{
    Abandon, ChangeRecord, Commit, Constraint, Db, Decision, StoreError, Tx, execute, fetch_all,
    testing,
};
use crate::db_test;

const PUT: &str = "INSERT INTO setting (name, value) VALUES ($1, '')";
const LIST: &str = "SELECT name FROM setting ORDER BY name";

/// A record that is a setting of this name.
#[derive(Debug)]
struct Record(&'static str);

impl ChangeRecord for Record {
    fn store<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move { execute!(tx, PUT, self.0).map(drop) })
    }
}

async fn names(db: &Db) -> Vec<String> {
    let rows = fetch_all!(db, (String,), LIST).unwrap();
    rows.into_iter().map(|(name,)| name).collect()
}

/// Inserts a setting, and ends as it is told.
async fn put(
    db: &Db,
    name: &str,
    end: Result<fn(()) -> Decision<()>, StoreError>,
) -> Result<(), StoreError> {
    db.write(async |tx| {
        execute!(tx, PUT, name)?;
        end.map(|end| end(()))
    })
    .await
}

db_test! {
    async fn a_closure_decides_how_its_transaction_ends(db: Db) {
        put(&db, "kept", Ok(Commit)).await.unwrap();
        put(&db, "abandoned", Ok(Abandon)).await.unwrap();
        let failed = put(&db, "failed", Err(StoreError::NotFound)).await;
        assert!(matches!(failed, Err(StoreError::NotFound)), "{failed:?}");
        assert_eq!(names(&db).await, ["kept"]);
    }

    async fn a_record_is_stored_with_its_change_or_not_at_all(db: Db) {
        let recorded = db.with_record(Arc::new(Record("record")));
        put(&recorded, "abandoned", Ok(Abandon)).await.unwrap();
        put(&recorded, "failed", Err(StoreError::NotFound)).await.unwrap_err();
        assert_eq!(names(&db).await, [""; 0]);
        put(&recorded, "kept", Ok(Commit)).await.unwrap();
        assert_eq!(names(&db).await, ["kept", "record"]);
        // The second record of this name cannot be stored.
        let refused = put(&recorded, "refused", Ok(Commit)).await.unwrap_err();
        assert!(refused.is_conflict(Constraint::SettingName), "{refused:?}");
        assert_eq!(names(&db).await, ["kept", "record"]);
    }
}

#[tokio::test]
async fn a_commit_that_fails_leaves_neither_change_nor_record() {
    testing::with_sqlite(async |db| {
        let recorded = db.with_record(Arc::new(Record("record")));
        let orphan = "INSERT INTO membership (workspace_id, user_id, role, created_at)
                      VALUES (X'00', X'00', 'owner', 0)";
        let written = recorded.write(async |tx| {
            // SQLite checks the reference when it commits.
            execute!(tx, "PRAGMA defer_foreign_keys = 1")?;
            execute!(tx, orphan)?;
            execute!(tx, PUT, "change").map(Commit)
        });
        let error = written.await.unwrap_err();
        assert!(error.is_conflict(Constraint::ForeignKey), "{error:?}");
        assert_eq!(names(&db).await, [""; 0]);
        put(&recorded, "next", Ok(Commit)).await.unwrap();
        assert_eq!(names(&db).await, ["next", "record"]);
    })
    .await;
}

#[tokio::test]
async fn an_error_that_follows_from_a_lost_read_is_not_reported() {
    testing::with_sqlite(async |db| {
        let mut second = None;
        let first = db.write(async |tx| {
            execute!(tx, PUT, "first")?;
            let db = db.clone();
            second = Some(tokio::spawn(async move { refuse_and_lose(&db).await }));
            // The second waits for this one, so they share a commit.
            tokio::task::yield_now().await;
            Ok(Commit(()))
        });
        let first = first.await;
        assert!(matches!(first, Err(StoreError::Busy)), "{first:?}");
        let second = second.unwrap().await.unwrap();
        assert!(matches!(second, Err(StoreError::Busy)), "{second:?}");
        assert_eq!(names(&db).await, [""; 0]);
    })
    .await;
}

/// Refuses because of another transaction of the group, which is then lost.
async fn refuse_and_lose(db: &Db) -> Result<(), StoreError> {
    db.write(async |tx| {
        let rows = fetch_all!(tx, (String,), LIST)?;
        assert_eq!(rows, [("first".to_owned(),)]);
        // SQLite can do this to a transaction without its holder noticing.
        execute!(tx, "ROLLBACK")?;
        Err(StoreError::Conflict(Constraint::SettingName))
    })
    .await
}
