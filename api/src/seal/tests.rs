use std::os::unix::fs::PermissionsExt;

use base64::{Engine, prelude::BASE64_STANDARD};
use models::{WorkspaceId, value::SecretText};
use uuid::Uuid;

use super::{Context, DataKey, KeyError, MasterKey, OpenFailed};
use crate::{
    db::{Commit, execute, testing},
    db_test,
};

fn data_key(workspace_id: WorkspaceId) -> DataKey {
    let master_key = MasterKey::random();
    let sealed = master_key.new_data_key(workspace_id);
    master_key.open_data_key(workspace_id, &sealed).unwrap()
}

fn context(workspace_id: WorkspaceId) -> Context {
    Context {
        workspace_id,
        kind: "environment",
        owner: Uuid::from_u128(7),
    }
}

#[test]
fn a_value_opens_in_its_own_place_only() {
    let workspace_id = WorkspaceId::from_uuid(Uuid::from_u128(1));
    let key = data_key(workspace_id);
    let place = context(workspace_id);
    let sealed = key.seal(&place, b"canary");
    assert!(!sealed.windows(6).any(|bytes| bytes == b"canary"));
    assert_eq!(key.open(&place, &sealed).unwrap().as_slice(), b"canary");
    let elsewhere = [
        Context {
            workspace_id: Uuid::from_u128(2).into(),
            ..place
        },
        Context {
            kind: "environments",
            ..place
        },
        Context {
            owner: Uuid::from_u128(8),
            ..place
        },
    ];
    for other in elsewhere {
        assert_eq!(key.open(&other, &sealed), Err(OpenFailed), "{other:?}");
    }
    assert_eq!(
        data_key(workspace_id).open(&place, &sealed),
        Err(OpenFailed)
    );
}

#[test]
fn a_derived_key_belongs_to_its_purpose_and_its_master_key() {
    let key = MasterKey::random();
    assert_eq!(key.derive("a"), key.clone().derive("a"));
    assert_ne!(key.derive("a"), key.derive("ab"));
    assert_ne!(key.derive("a"), MasterKey::random().derive("a"));
}

#[test]
fn a_changed_value_does_not_open() {
    let workspace_id = WorkspaceId::from_uuid(Uuid::from_u128(1));
    let key = data_key(workspace_id);
    let place = context(workspace_id);
    let sealed = key.seal(&place, b"");
    assert_eq!(key.open(&place, &sealed).unwrap().as_slice(), b"");
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 1;
        assert_eq!(
            key.open(&place, &changed),
            Err(OpenFailed),
            "byte {position}"
        );
        assert_eq!(key.open(&place, &sealed[..position]), Err(OpenFailed));
    }
}

#[test]
fn a_value_of_another_type_does_not_open() {
    let workspace_id = WorkspaceId::from_uuid(Uuid::from_u128(1));
    let key = data_key(workspace_id);
    let place = context(workspace_id);
    let sealed = key.seal_json(&place, &vec!["a"]).unwrap();
    assert_eq!(
        key.open_json::<Vec<String>>(&place, &sealed).unwrap(),
        ["a"]
    );
    assert_eq!(key.open_json::<u32>(&place, &sealed), Err(OpenFailed));
}

#[test]
fn a_data_key_opens_for_its_own_workspace_only() {
    let (one, other) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
    let master_key = MasterKey::random();
    let sealed = master_key.new_data_key(one);
    assert!(master_key.open_data_key(one, &sealed).is_ok());
    assert!(master_key.open_data_key(other, &sealed).is_err());
    assert!(MasterKey::random().open_data_key(one, &sealed).is_err());
}

#[test]
fn keys_do_not_print_themselves() {
    let key = data_key(Uuid::from_u128(1).into());
    assert_eq!(format!("{key:?}"), "[hidden data key]");
    assert_eq!(format!("{:?}", MasterKey::random()), "[hidden master key]");
}

db_test! {
    async fn the_key_is_created_once_and_kept_private(db: Db) {
        let folder = tempfile::tempdir().unwrap();
        let first = MasterKey::load(None, folder.path(), &db).await.unwrap();
        let path = folder.path().join("master.key");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let workspace_id = Uuid::from_u128(1).into();
        let sealed = first.new_data_key(workspace_id);
        let second = MasterKey::load(None, folder.path(), &db).await.unwrap();
        assert!(second.open_data_key(workspace_id, &sealed).is_ok());
    }

    async fn a_key_that_others_can_read_is_refused(db: Db) {
        let folder = tempfile::tempdir().unwrap();
        MasterKey::load(None, folder.path(), &db).await.unwrap();
        let path = folder.path().join("master.key");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        let error = MasterKey::load(None, folder.path(), &db).await.unwrap_err();
        assert!(matches!(error, KeyError::TooOpen(_)), "{error}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    async fn another_key_is_refused(db: Db) {
        let folder = tempfile::tempdir().unwrap();
        MasterKey::load(None, folder.path(), &db).await.unwrap();
        let path = folder.path().join("master.key");
        std::fs::remove_file(&path).unwrap();
        crate::private_files::create_private_file(&path, &[7; 32]).unwrap();
        let error = MasterKey::load(None, folder.path(), &db).await.unwrap_err();
        assert!(matches!(error, KeyError::Wrong(_)), "{error}");
    }

    async fn a_missing_key_is_not_replaced_beside_a_database_that_has_one(db: Db) {
        let folder = tempfile::tempdir().unwrap();
        MasterKey::load(None, folder.path(), &db).await.unwrap();
        let path = folder.path().join("master.key");
        let kept = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let error = MasterKey::load(None, folder.path(), &db).await.unwrap_err();
        assert!(matches!(error, KeyError::Missing(_)), "{error}");
        assert!(error.to_string().contains("restore it from a backup"), "{error}");
        assert!(!path.exists(), "a wrong key was made");
        // With the original file back, the key opens the same secrets again.
        crate::private_files::create_private_file(&path, &kept).unwrap();
        MasterKey::load(None, folder.path(), &db).await.unwrap();
    }

    async fn of_two_first_starts_at_once_none_keeps_a_wrong_key(db: Db) {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [first, second] = &folders;
        let (first, second) = tokio::join!(
            MasterKey::load(None, first.path(), &db),
            MasterKey::load(None, second.path(), &db),
        );
        let started = [first.is_ok(), second.is_ok()];
        let has_key = folders.map(|folder| folder.path().join("master.key").exists());
        assert_eq!(has_key, started);
        assert!(started.contains(&true) && started.contains(&false), "{started:?}");
    }

    async fn a_workspace_is_known_without_a_canary_too(db: Db) {
        let workspace_id = Uuid::from_u128(1);
        let sealed = MasterKey::random().new_data_key(workspace_id.into());
        let sql = "INSERT INTO workspace (workspace_id, name, sealed_data_key, created_at)
                   VALUES ($1, $2, $3, $4)";
        let inserting = db.write(async |tx| {
            execute!(tx, sql, workspace_id, "w", sealed, 0_i64).map(Commit)
        });
        inserting.await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let error = MasterKey::load(None, folder.path(), &db).await.unwrap_err();
        assert!(matches!(error, KeyError::Missing(_)), "{error}");
        let path = folder.path().join("master.key");
        crate::private_files::create_private_file(&path, &[7; 32]).unwrap();
        let error = MasterKey::load(None, folder.path(), &db).await.unwrap_err();
        assert!(matches!(error, KeyError::Wrong(_)), "{error}");
    }

    async fn the_variable_takes_the_place_of_the_file(db: Db) {
        let folder = tempfile::tempdir().unwrap();
        let variable = SecretText::new(BASE64_STANDARD.encode([7; 32]));
        MasterKey::load(Some(&variable), folder.path(), &db).await.unwrap();
        assert!(!folder.path().join("master.key").exists());
        for wrong in ["", "short", &BASE64_STANDARD.encode([7; 31])] {
            let error = MasterKey::load(Some(&SecretText::new(wrong)), folder.path(), &db)
                .await
                .unwrap_err();
            assert!(matches!(error, KeyError::Malformed(..)), "{error}");
        }
    }
}

#[tokio::test]
async fn a_damaged_key_file_is_refused() {
    testing::with_sqlite(async |db| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        crate::private_files::create_private_file(&path, b"too short").unwrap();
        let error = MasterKey::load(None, folder.path(), &db).await.unwrap_err();
        assert!(matches!(error, KeyError::Malformed(..)), "{error}");
    })
    .await;
}
