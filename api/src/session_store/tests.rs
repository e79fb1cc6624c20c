use std::{collections::HashMap, time::Duration};

use models::time::Timestamp;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
};
use uuid::Uuid;

use super::{DbSessionStore, USER_KEY, prune, revoke};
use crate::{
    clock::Clock,
    db::{Commit, Db, execute, fetch_all},
    db_test,
};

/// A session store with a clock in 2023, and sessions that live for an hour.
fn store(db: &Db) -> (DbSessionStore, Clock) {
    let clock = Clock::manual(Timestamp::from_micros(1_700_000_000_000_000));
    (DbSessionStore::new(db.clone(), clock.clone()), clock)
}

fn record() -> Record {
    Record {
        id: Id::default(),
        data: HashMap::from([("seen".to_owned(), 1.into())]),
        expiry_date: OffsetDateTime::from_unix_timestamp(1_700_003_600).unwrap(),
    }
}

async fn person(db: &Db, name: &str) -> Uuid {
    let user_id = Uuid::now_v7();
    let sql = "INSERT INTO app_user (user_id, email, name, password_hash, created_at)
               VALUES ($1, $2, $2, $2, 0)";
    db.write(async |tx| execute!(tx, sql, user_id, name).map(Commit))
        .await
        .unwrap();
    user_id
}

db_test! {
    async fn a_session_is_found_by_its_id_and_the_id_is_not_kept(db: Db) {
        let (store, _) = store(&db);
        let mut record = record();
        store.create(&mut record).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), Some(record.clone()));
        assert_eq!(store.load(&Id::default()).await.unwrap(), None);
        let rows = fetch_all!(db, (Vec<u8>,), "SELECT session_hash FROM session").unwrap();
        assert_eq!(rows.len(), 1);
        assert!(!rows[0].0.windows(16).any(|part| part == record.id.0.to_le_bytes()));
    }

    async fn a_session_with_a_taken_id_gets_another_one(db: Db) {
        let (store, _) = store(&db);
        let mut first = record();
        store.create(&mut first).await.unwrap();
        let mut second = Record { id: first.id, ..record() };
        store.create(&mut second).await.unwrap();
        assert_ne!(first.id, second.id);
        assert!(store.load(&second.id).await.unwrap().is_some());
    }

    async fn a_session_is_over_when_its_time_is(db: Db) {
        let (store, clock) = store(&db);
        let mut record = record();
        store.create(&mut record).await.unwrap();
        clock.advance(Duration::from_hours(1));
        assert_eq!(store.load(&record.id).await.unwrap(), None);
        for pruned in [1, 0] {
            let pruning = db.write(async |tx| prune(tx, clock.now()).await.map(Commit));
            assert_eq!(pruning.await.unwrap(), pruned);
        }
    }

    async fn a_session_that_was_revoked_stays_gone(db: Db) {
        let (store, _) = store(&db);
        let (ada, bob) = (person(&db, "ada").await, person(&db, "bob").await);
        let mut of_ada = record();
        store.create(&mut of_ada).await.unwrap();
        of_ada.data.insert(USER_KEY.to_owned(), ada.to_string().into());
        store.save(&of_ada).await.unwrap();
        let mut of_bob = record();
        of_bob.data.insert(USER_KEY.to_owned(), bob.to_string().into());
        store.create(&mut of_bob).await.unwrap();
        let revoking = db.write(async |tx| revoke(tx, ada.into()).await.map(Commit));
        assert_eq!(revoking.await.unwrap(), 1);
        // A request under way saves the session at its end.
        store.save(&of_ada).await.unwrap();
        assert_eq!(store.load(&of_ada.id).await.unwrap(), None);
        assert!(store.load(&of_bob.id).await.unwrap().is_some());
    }

    async fn a_deleted_session_is_gone(db: Db) {
        let (store, _) = store(&db);
        let mut record = record();
        store.create(&mut record).await.unwrap();
        store.delete(&record.id).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), None);
        store.delete(&record.id).await.unwrap();
    }
}
