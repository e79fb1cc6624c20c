use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    Constraint, Db, OpenError, Source, StoreError, execute, fetch_all, fetch_one, fetch_optional,
    testing,
};
use crate::db_test;

const PUT: &str = "INSERT INTO setting (name, value) VALUES ($1, $2)";
const SET: &str = "UPDATE setting SET value = $2 WHERE name = $1";
const GET: &str = "SELECT value FROM setting WHERE name = $1";
const LIST: &str = "SELECT name, value FROM setting ORDER BY name";

async fn get(source: impl Into<Source<'_>>, name: &str) -> Result<Option<String>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(source, (String,), GET, name)?;
    Ok(row.map(|(value,)| value))
}

async fn put(db: &Db, name: &str, value: &str) -> Result<(), StoreError> {
    let mut tx = db.begin().await?;
    execute!(tx, PUT, name, value)?;
    tx.commit().await
}

db_test! {
    async fn what_is_committed_can_be_read(db: Db) {
        put(&db, "a", "1").await.unwrap();
        put(&db, "b", "2").await.unwrap();
        let rows = fetch_all!(db, (String, String), LIST).unwrap();
        assert_eq!(rows, [("a".into(), "1".into()), ("b".into(), "2".into())]);
        assert!(matches!(fetch_one!(db, (String,), GET, "c"), Err(StoreError::NotFound)));
        db.ping().await.unwrap();
    }

    async fn a_transaction_sees_itself_and_others_do_not(db: Db) {
        let mut tx = db.begin().await.unwrap();
        execute!(tx, PUT, "a", "1").unwrap();
        assert_eq!(get(&mut tx, "a").await.unwrap().as_deref(), Some("1"));
        assert_eq!(get(&db, "a").await.unwrap(), None);
        tx.rollback().await.unwrap();
        assert_eq!(get(&db, "a").await.unwrap(), None);
    }

    async fn a_snapshot_sees_one_state_and_holds_nobody_up(db: Db) {
        let mut snapshot = db.snapshot().await.unwrap();
        assert_eq!(get(&mut snapshot, "a").await.unwrap(), None);
        put(&db, "a", "1").await.unwrap();
        assert_eq!(get(&db, "a").await.unwrap().as_deref(), Some("1"));
        assert_eq!(get(&mut snapshot, "a").await.unwrap(), None);
        drop(snapshot);
        let mut later = db.snapshot().await.unwrap();
        assert_eq!(get(&mut later, "a").await.unwrap().as_deref(), Some("1"));
        put(&db, "b", "2").await.unwrap();
    }

    async fn a_dropped_transaction_is_taken_back(db: Db) {
        let mut tx = db.begin().await.unwrap();
        execute!(tx, PUT, "a", "1").unwrap();
        drop(tx);
        put(&db, "b", "2").await.unwrap();
        assert_eq!(get(&db, "a").await.unwrap(), None);
    }

    async fn hooks_run_after_a_commit_only(db: Db) {
        let ran = Arc::new(AtomicBool::new(false));
        let hook = |ran: &Arc<AtomicBool>| {
            let ran = ran.clone();
            move || ran.store(true, Ordering::SeqCst)
        };
        let mut tx = db.begin().await.unwrap();
        tx.after_commit(hook(&ran));
        tx.rollback().await.unwrap();
        assert!(!ran.load(Ordering::SeqCst));
        let mut tx = db.begin().await.unwrap();
        tx.after_commit(hook(&ran));
        tx.commit().await.unwrap();
        assert!(ran.load(Ordering::SeqCst));
    }

    async fn a_broken_rule_is_named(db: Db) {
        put(&db, "a", "1").await.unwrap();
        let twice = put(&db, "a", "2").await.unwrap_err();
        assert!(twice.is_conflict(Constraint::SettingName), "{twice:?}");
        let mut tx = db.begin().await.unwrap();
        let orphan = execute!(
            tx,
            "INSERT INTO membership (workspace_id, user_id, role, created_at) VALUES ($1, $1, $2, $3)",
            Uuid::nil(),
            "owner",
            0_i64
        );
        assert!(orphan.unwrap_err().is_conflict(Constraint::ForeignKey));
    }

    async fn contending_transactions_all_succeed(db: Db) {
        put(&db, "count", "0").await.unwrap();
        let mut tasks = JoinSet::new();
        for _ in 0..20 {
            let db = db.clone();
            tasks.spawn(async move {
                let mut tx = db.begin().await?;
                let lock = "UPDATE setting SET value = value WHERE name = $1";
                execute!(tx, lock, "count")?;
                let (value,) = fetch_one!(tx, (String,), GET, "count")?;
                let next = value.parse::<i64>().unwrap() + 1;
                execute!(tx, SET, "count", next.to_string())?;
                tx.commit().await
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap().unwrap();
        }
        assert_eq!(get(&db, "count").await.unwrap().as_deref(), Some("20"));
    }
}

#[tokio::test]
async fn a_read_connection_cannot_write() {
    testing::with_sqlite(async |db| {
        let returning = "INSERT INTO setting (name, value) VALUES ($1, $2) RETURNING name";
        let written = fetch_one!(db, (String,), returning, "a", "1");
        assert!(matches!(written, Err(StoreError::Other(_))), "{written:?}");
    })
    .await;
}

#[tokio::test]
async fn a_full_disk_is_named_and_keeps_what_is_there() {
    testing::with_sqlite(async |db| {
        put(&db, "a", "1").await.unwrap();
        let mut tx = db.begin().await.unwrap();
        // No page more than there are: what a full disk says. It holds for this connection.
        execute!(tx, "PRAGMA max_page_count = 1").unwrap();
        let big = execute!(tx, PUT, "b", "x".repeat(1 << 20));
        assert!(matches!(big, Err(StoreError::Full(_))), "{big:?}");
        drop(tx);
        assert_eq!(get(&db, "a").await.unwrap().as_deref(), Some("1"));
        let mut tx = db.begin().await.unwrap();
        execute!(tx, "PRAGMA max_page_count = 1000000").unwrap();
        execute!(tx, PUT, "b", "2").unwrap();
        tx.commit().await.unwrap();
        assert_eq!(get(&db, "b").await.unwrap().as_deref(), Some("2"));
    })
    .await;
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = testing::database("");
    let first = Db::open(&config, folder.path()).await.unwrap();
    let second = Db::open(&config, folder.path()).await.unwrap_err();
    assert!(matches!(second, OpenError::Locked(_)), "{second}");
    assert!(
        second.to_string().contains("another Berth server"),
        "{second}"
    );
    first.close().await;
    drop(first);
    Db::open(&config, folder.path()).await.unwrap();
}

#[tokio::test]
async fn a_wrong_address_is_refused_without_repeating_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = Db::open(
        &testing::database("mysql://root:canary@host/x"),
        folder.path(),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, OpenError::UrlInvalid), "{error}");
    assert!(!error.to_string().contains("canary"));
}
