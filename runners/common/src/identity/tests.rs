//! Identity over restarts, upgrades and losses.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use models::{RunnerId, time::Timestamp, value::SecretText};
use tempfile::TempDir;
use uuid::Uuid;

use super::{Identity, IdentityError, PinError, adopt, pin};
use crate::{
    host::{Host, SystemHost},
    owner::OwnershipClaim,
    state::{DesiredCache, StateFolder, StateKey, StateStore},
};

const TOKEN: &str = "berth_runner_of_the_tests";

fn id(number: u128) -> RunnerId {
    RunnerId::from_uuid(Uuid::from_u128(number))
}

fn state(folder: &Path, token: &str) -> StateFolder {
    StateFolder {
        path: folder.to_owned(),
        key: StateKey::from_token(&SecretText::new(token)),
    }
}

async fn opened(folder: &Path, token: &str) -> Result<Identity, IdentityError> {
    let store = StateStore::new(state(folder, token), Arc::new(SystemHost));
    Identity::open(Some(&store), &SecretText::new(token), &SystemHost).await
}

/// Returns an object of an older version: it bears the id and no mark.
fn unmarked(runner_id: RunnerId, made_at: i64) -> OwnershipClaim<'static> {
    OwnershipClaim {
        runner_id,
        parts: &["container"],
        mark: None,
        made_at: Some(Timestamp::from_micros(made_at)),
    }
}

#[tokio::test]
async fn the_first_id_is_held_to_over_restarts_and_another_token() {
    let folder = TempDir::new().unwrap();
    let first = opened(folder.path(), TOKEN).await.unwrap();
    assert_eq!(first.runner_id(), None);
    first.pin(id(1)).unwrap();
    first.pin(id(1)).unwrap();
    let owner = first.owner();
    drop(first);
    for token in [TOKEN, "berth_runner_another"] {
        let again = opened(folder.path(), token).await.unwrap();
        assert_eq!(again.runner_id(), Some(id(1)), "{token}");
        assert_eq!(again.owner(), owner, "{token}");
        let (pinned, named) = (id(1), id(2));
        let refused = again.pin(named);
        assert_eq!(refused, Err(PinError::OtherRunner { pinned, named }));
    }
}

#[tokio::test]
async fn two_folders_have_two_keys_and_no_folder_has_the_tokens() {
    let [a, b] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let one = opened(a.path(), TOKEN).await.unwrap().owner();
    let other = opened(b.path(), TOKEN).await.unwrap().owner();
    assert_ne!(one, other);

    let of = async |token: &str| {
        let token = SecretText::new(token);
        let identity = Identity::open(None, &token, &SystemHost).await.unwrap();
        identity.owner()
    };
    assert_eq!(of(TOKEN).await, of(TOKEN).await);
    assert_ne!(of(TOKEN).await, of("berth_runner_another").await);
}

#[tokio::test]
async fn the_file_is_its_owners_alone_and_is_not_used_when_it_is_not() {
    let folder = TempDir::new().unwrap();
    opened(folder.path(), TOKEN).await.unwrap();
    let path = folder.path().join("identity");
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let error = opened(folder.path(), TOKEN).await.unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
}

#[tokio::test]
async fn a_damaged_file_stops_the_start_and_is_never_replaced() {
    let folder = TempDir::new().unwrap();
    opened(folder.path(), TOKEN)
        .await
        .unwrap()
        .pin(id(1))
        .unwrap();
    let path = folder.path().join("identity");
    let whole = fs::read_to_string(&path).unwrap();
    for damaged in [
        "",
        "{}",
        &whole[..whole.len() - 1],
        &whole.replace("\"key\":\"", "\"key\":\"0"),
    ] {
        fs::write(&path, damaged).unwrap();
        let error = opened(folder.path(), TOKEN).await.unwrap_err();
        assert!(error.to_string().contains("--adopt"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
}

#[tokio::test]
async fn a_disk_that_does_not_keep_the_identity_stops_the_start() {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("identity.new")).unwrap();
    opened(folder.path(), TOKEN).await.unwrap_err();
}

#[tokio::test]
async fn objects_of_an_older_version_are_adopted_once_under_the_cached_id() {
    let folder = TempDir::new().unwrap();
    let store = StateStore::new(state(folder.path(), TOKEN), Arc::new(SystemHost));
    let cache = Arc::new(DesiredCache::default());
    cache.raise_epoch(3);
    store.save(id(1), &cache).await.unwrap();
    drop(store);

    let upgraded = opened(folder.path(), TOKEN).await.unwrap();
    assert_eq!(upgraded.runner_id(), Some(id(1)), "no server is asked");
    assert!(upgraded.owner().owns(&unmarked(id(1), 1)));
    assert!(!upgraded.owner().owns(&unmarked(id(2), 1)), "another's");
    let later = SystemHost.now().micros() + 1_000_000;
    assert!(!upgraded.owner().owns(&unmarked(id(1), later)), "too late");
    assert!(upgraded.pin(id(2)).is_err(), "no server changes that");
}

#[tokio::test]
async fn a_copy_that_does_not_open_and_a_server_bring_nothing_into_the_runners_hands() {
    let folder = TempDir::new().unwrap();
    let store = StateStore::new(state(folder.path(), TOKEN), Arc::new(SystemHost));
    let cache = Arc::new(DesiredCache::default());
    cache.raise_epoch(3);
    store.save(id(1), &cache).await.unwrap();
    drop(store);

    let other = opened(folder.path(), "berth_runner_another").await.unwrap();
    other.pin(id(1)).unwrap();
    assert!(!other.owner().owns(&unmarked(id(1), 1)));
}

#[tokio::test]
async fn an_administrator_adopts_objects_for_a_runner() {
    let folder = TempDir::new().unwrap();
    adopt(folder.path(), id(1)).await.unwrap();
    let identity = opened(folder.path(), TOKEN).await.unwrap();
    assert_eq!(identity.runner_id(), Some(id(1)));
    let lost_key = OwnershipClaim {
        mark: Some("00"),
        ..unmarked(id(1), 1)
    };
    assert!(identity.owner().owns(&lost_key));
    drop(identity);
    adopt(folder.path(), id(2)).await.unwrap();
    let identity = opened(folder.path(), TOKEN).await.unwrap();
    assert_eq!(identity.runner_id(), Some(id(2)));
    assert!(!identity.owner().owns(&lost_key));
}

#[tokio::test]
async fn a_built_in_runner_takes_its_id_from_the_server() {
    let folder = TempDir::new().unwrap();
    let state = state(folder.path(), TOKEN);
    pin(&state, id(1)).await.unwrap();
    let before = opened(folder.path(), TOKEN).await.unwrap().owner();
    pin(&state, id(2)).await.unwrap();
    let after = opened(folder.path(), TOKEN).await.unwrap();
    assert_eq!(after.runner_id(), Some(id(2)));
    assert_eq!(after.owner(), before, "with the same key");
}
