use std::{
    os::unix::fs::PermissionsExt,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::{
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use uuid::Uuid;

use super::{
    Commit, Constraint, Db, OpenError, Source, StoreError, Tx, execute, fetch_all, fetch_one,
    fetch_optional, testing, tx::Writing,
};
use crate::db_test;

const PUT: &str = "INSERT INTO setting (name, value) VALUES ($1, $2)";
const SET: &str = "UPDATE setting SET value = $2 WHERE name = $1";
const GET: &str = "SELECT value FROM setting WHERE name = $1";
const LIST: &str = "SELECT name, value FROM setting ORDER BY name";

impl Db {
    async fn begin(&self) -> Result<Tx, StoreError> {
        Tx::begin(self, Writing::Anything).await
    }
}

async fn get(source: impl Into<Source<'_>>, name: &str) -> Result<Option<String>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(source, (String,), GET, name)?;
    Ok(row.map(|(value,)| value))
}

async fn put(db: &Db, name: &str, value: &str) -> Result<(), StoreError> {
    db.write(async |tx| {
        execute!(tx, PUT, name, value)?;
        Ok(Commit(()))
    })
    .await
}

db_test! {
    async fn committed_rows_can_be_read(db: Db) {
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

    async fn a_snapshot_sees_one_state_and_blocks_no_writer(db: Db) {
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
                db.write(async |tx| {
                    let lock = "UPDATE setting SET value = value WHERE name = $1";
                    execute!(tx, lock, "count")?;
                    let (value,) = fetch_one!(tx, (String,), GET, "count")?;
                    let next = value.parse::<i64>().unwrap() + 1;
                    execute!(tx, SET, "count", next.to_string())?;
                    Ok::<_, StoreError>(Commit(()))
                })
                .await
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
async fn a_full_disk_is_reported_and_keeps_the_data() {
    testing::with_sqlite(async |db| {
        put(&db, "a", "1").await.unwrap();
        let mut tx = db.begin().await.unwrap();
        // No page beyond those in use: the effect of a full disk. It holds for this connection.
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

/// A transaction whose commit waits, because another one has begun behind it.
async fn group(db: &Db) -> (JoinHandle<Result<(), StoreError>>, Tx) {
    let mut first = db.begin().await.unwrap();
    execute!(first, PUT, "first", "1").unwrap();
    let mut second = pin!(db.begin());
    assert!(futures::poll!(&mut second).is_pending(), "two at once");
    let committing = tokio::spawn(first.commit());
    (committing, second.await.unwrap())
}

#[tokio::test]
async fn waiting_transactions_are_committed_together() {
    testing::with_sqlite(async |db| {
        let (first, mut second) = group(&db).await;
        execute!(second, PUT, "second", "2").unwrap();
        assert_eq!(
            get(&mut second, "first").await.unwrap().as_deref(),
            Some("1")
        );
        assert_eq!(get(&db, "first").await.unwrap(), None);
        assert!(!first.is_finished(), "it was said to be kept too early");
        second.commit().await.unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(get(&db, "first").await.unwrap().as_deref(), Some("1"));
        assert_eq!(get(&db, "second").await.unwrap().as_deref(), Some("2"));
    })
    .await;
}

#[tokio::test]
async fn a_rolled_back_transaction_does_not_affect_the_others() {
    testing::with_sqlite(async |db| {
        let (first, mut second) = group(&db).await;
        execute!(second, PUT, "second", "2").unwrap();
        let mut third = pin!(db.begin());
        assert!(futures::poll!(&mut third).is_pending(), "two at once");
        drop(second);
        let mut third = third.await.unwrap();
        assert_eq!(get(&mut third, "second").await.unwrap(), None);
        execute!(third, PUT, "third", "3").unwrap();
        third.commit().await.unwrap();
        first.await.unwrap().unwrap();
        let rows = fetch_all!(db, (String, String), LIST).unwrap();
        assert_eq!(
            rows,
            [("first".into(), "1".into()), ("third".into(), "3".into())]
        );
    })
    .await;
}

#[tokio::test]
async fn rows_that_were_read_are_durable_once_the_reader_is_done() {
    testing::with_sqlite(async |db| {
        let (first, mut second) = group(&db).await;
        assert_eq!(
            get(&mut second, "first").await.unwrap().as_deref(),
            Some("1")
        );
        execute!(second, PUT, "second", "2").unwrap();
        let mut third = pin!(db.begin());
        assert!(futures::poll!(&mut third).is_pending(), "two at once");
        let giving_up = tokio::spawn(second.rollback());
        let third = third.await.unwrap();
        assert!(
            !giving_up.is_finished(),
            "what it has read is not on the disk"
        );
        third.commit().await.unwrap();
        giving_up.await.unwrap().unwrap();
        assert_eq!(get(&db, "first").await.unwrap().as_deref(), Some("1"));
        first.await.unwrap().unwrap();
        assert_eq!(get(&db, "second").await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transactions_without_changes_do_not_block_writers() {
    testing::with_sqlite(async |db| {
        let mut idle = JoinSet::new();
        for _ in 0..4 {
            let db = db.clone();
            idle.spawn(async move {
                loop {
                    let mut tx = db.begin().await.unwrap();
                    get(&mut tx, "a").await.unwrap();
                }
            });
        }
        for number in 0..20 {
            let name = number.to_string();
            let kept = timeout(Duration::from_secs(10), put(&db, &name, "1")).await;
            kept.expect("nobody holds it up").unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_sqlite_rolls_back_is_never_acknowledged() {
    testing::with_sqlite(async |db| {
        let (first, mut second) = group(&db).await;
        // SQLite can do this to a transaction without its holder noticing.
        execute!(second, "ROLLBACK").unwrap();
        let mut third = pin!(db.begin());
        assert!(futures::poll!(&mut third).is_pending(), "two at once");
        let second = second.commit().await;
        assert!(matches!(second, Err(StoreError::Busy)), "{second:?}");
        let first = first.await.unwrap();
        assert!(matches!(first, Err(StoreError::Busy)), "{first:?}");
        only_the_third_is_there(&db, third.await.unwrap()).await;
    })
    .await;
}

/// Checks that a lost group left nothing, and that later writers work as usual.
async fn only_the_third_is_there(db: &Db, mut third: Tx) {
    execute!(third, PUT, "third", "3").unwrap();
    third.commit().await.unwrap();
    let rows = fetch_all!(db, (String, String), LIST).unwrap();
    assert_eq!(rows, [("third".into(), "3".into())]);
}

#[tokio::test]
async fn a_transaction_that_a_full_disk_rolls_back_fails() {
    testing::with_sqlite(async |db| {
        let (first, mut second) = group(&db).await;
        execute!(second, "PRAGMA max_page_count = 1").unwrap();
        let big = execute!(second, PUT, "second", "x".repeat(1 << 20));
        assert!(matches!(big, Err(StoreError::Full(_))), "{big:?}");
        let mut third = pin!(db.begin());
        assert!(futures::poll!(&mut third).is_pending(), "two at once");
        drop(second);
        let lost = first.await.unwrap();
        assert!(matches!(lost, Err(StoreError::Busy)), "{lost:?}");
        let mut third = third.await.unwrap();
        assert_eq!(get(&mut third, "first").await.unwrap(), None);
        execute!(third, "PRAGMA max_page_count = 1000000").unwrap();
        only_the_third_is_there(&db, third).await;
    })
    .await;
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing_half_done() {
    testing::with_sqlite(async |db| {
        let first = db.begin().await.unwrap();
        {
            let mut second = pin!(db.begin());
            assert!(futures::poll!(&mut second).is_pending(), "two at once");
        }
        let mut third = pin!(db.begin());
        assert!(futures::poll!(&mut third).is_pending(), "two at once");
        drop(first);
        let mut third = third.await.unwrap();
        execute!(third, PUT, "third", "3").unwrap();
        {
            let mut commit = pin!(third.commit());
            assert!(futures::poll!(&mut commit).is_pending());
        }
        put(&db, "fourth", "4").await.unwrap();
        assert_eq!(get(&db, "third").await.unwrap().as_deref(), Some("3"));
    })
    .await;
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = Db::open_sqlite(folder.path()).await.unwrap();
    let second = Db::open_sqlite(folder.path()).await.unwrap_err();
    assert!(matches!(second, OpenError::Locked(_)), "{second}");
    assert!(
        second
            .to_string()
            .contains("another Berth server is already"),
        "{second}"
    );
    first.close().await;
    drop(first);
    Db::open_sqlite(folder.path()).await.unwrap();
}

#[tokio::test]
async fn nobody_else_may_read_the_files_of_a_database() {
    let folder = tempfile::tempdir().unwrap();
    // A file as an earlier version left it.
    std::fs::write(folder.path().join("berth.db"), "").unwrap();
    let mode = |name: &str| {
        let permissions = folder.path().join(name).metadata().unwrap().permissions();
        permissions.mode() & 0o777
    };
    assert_ne!(mode("berth.db"), 0o600);
    let db = Db::open_sqlite(folder.path()).await.unwrap();
    put(&db, "a", "1").await.unwrap();
    for name in ["berth.db", "berth.db-wal", "berth.db-shm", "berthd.lock"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    db.close().await;
}

#[tokio::test]
async fn no_database_is_made_where_one_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("berth.db");
    // A first start that ended half-way is begun again.
    std::fs::write(&path, "").unwrap();
    Db::open_sqlite(folder.path()).await.unwrap().close().await;
    base::server_id::load(folder.path()).unwrap();
    Db::open_sqlite(folder.path()).await.unwrap().close().await;
    std::fs::write(&path, "").unwrap();
    let error = Db::open_sqlite(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::Lost(_)), "{error}");
    assert!(error.to_string().contains("from a backup"), "{error}");
    assert_eq!(path.metadata().unwrap().len(), 0);
    std::fs::remove_file(&path).unwrap();
    let error = Db::open_sqlite(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::Lost(_)), "{error}");
    assert!(!path.exists(), "a new database was made");
}

#[tokio::test]
async fn a_file_of_another_program_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("berth.db");
    std::fs::write(&path, "a letter to my mother, and no database at all").unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Db::open_sqlite(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::Foreign(_)), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);

    std::fs::remove_file(&path).unwrap();
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    other
        .execute("CREATE TABLE song (title TEXT)")
        .await
        .unwrap();
    other.close().await.unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Db::open_sqlite(folder.path()).await.unwrap_err();
    assert!(matches!(error, OpenError::Foreign(_)), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_wrong_address_is_refused_without_repeating_it() {
    let error = Db::open_postgres("mysql://root:canary@host/x", 1)
        .await
        .unwrap_err();
    assert!(matches!(error, OpenError::UrlInvalid), "{error}");
    assert!(!error.to_string().contains("canary"));
}
