//! The copy's file, altered and damaged.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use futures::FutureExt;
use models::{
    DeploymentId, ReleaseId, RunnerId,
    deployment::DesiredState,
    runner::{RunnerSpec, RunnerVariable, Workload, WorkloadRelease},
    value::{EnvironmentName, EnvironmentValue, ImageDigest, ImageReference, SecretText},
};
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    DesiredCache, StateFolder, StateKey, StateStore,
    file_content::{StateContent, StoredWorkload},
};
use crate::host::SystemHost;

const TOKEN: &str = "berth_runner_of_the_tests";
/// A secret that must be nowhere in clear.
const CANARY: &str = "canary-7f3a9c";

fn store(folder: &Path, token: &str) -> StateStore {
    let folder = StateFolder {
        path: folder.to_owned(),
        key: StateKey::from_token(&SecretText::new(token)),
    };
    StateStore::new(folder, Arc::new(SystemHost))
}

fn runner_id() -> RunnerId {
    RunnerId::from_uuid(Uuid::from_u128(7))
}

fn workload(generation: i64, is_live: bool) -> Arc<Workload> {
    let mut spec = RunnerSpec::of_image(ImageReference::trusted("app"));
    spec.environment = vec![RunnerVariable::new(
        EnvironmentName::trusted("PASSWORD"),
        EnvironmentValue::trusted(CANARY),
    )];
    Arc::new(Workload {
        deployment_id: DeploymentId::from_uuid(Uuid::from_u128(1)),
        generation,
        desired: DesiredState::Running,
        release: Some(WorkloadRelease {
            release_id: ReleaseId::from_uuid(Uuid::from_u128(generation.unsigned_abs().into())),
            live: is_live,
            spec,
            instances: None,
            registry_credential: None,
            image_digest: None,
            expected_volumes: Vec::new(),
            routes: Vec::new(),
        }),
        watched_tag: None,
        network: None,
        run: None,
    })
}

/// Returns a folder with a copy in it.
async fn written() -> TempDir {
    let folder = TempDir::new().unwrap();
    let cache = Arc::new(DesiredCache::default());
    cache.raise_epoch(3);
    cache.set(&workload(5, true));
    let store = store(folder.path(), TOKEN);
    store.save(runner_id(), &cache).await.unwrap();
    folder
}

async fn loaded(folder: &Path, token: &str) -> Option<StateContent> {
    store(folder, token).load().await
}

#[tokio::test]
async fn the_saved_state_is_loaded() {
    let folder = written().await;
    let content = loaded(folder.path(), TOKEN).await.unwrap();
    assert_eq!((content.runner_id, content.epoch), (runner_id(), 3));
    let cache = DesiredCache::from_content(content);
    let stored = cache.workloads();
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].offline_workload(), Some(&workload(5, true)));
}

#[test]
fn copies_of_older_versions_are_understood() {
    let (desired, previous) = (workload(5, false), workload(4, true));
    let written = serde_json::json!({"said": *desired, "before": *previous});
    let read: StoredWorkload = serde_json::from_value(written).unwrap();
    assert_eq!(read.desired, *desired);
    assert_eq!(read.previous.as_ref(), Some(&*previous));
}

#[tokio::test]
async fn desired_state_is_used_only_once_it_is_saved() {
    let folder = TempDir::new().unwrap();
    let cache = Arc::new(DesiredCache::default());
    let store = store(folder.path(), TOKEN);
    cache.set(&workload(5, true));
    assert_eq!(cache.persisted().now_or_never(), None);
    store.save(runner_id(), &cache).await.unwrap();
    assert_eq!(cache.persisted().now_or_never(), Some(()));
    cache.set(&workload(6, true));
    assert_eq!(cache.persisted().now_or_never(), None);
    // A copy that cannot be replaced is removed, so that nothing older comes back either.
    fs::create_dir(folder.path().join("state.new")).unwrap();
    store.save(runner_id(), &cache).await.unwrap_err();
    assert_eq!(cache.persisted().now_or_never(), Some(()));
    assert_eq!(store.load().await, None);
}

#[tokio::test]
async fn the_file_is_the_owners_and_has_no_secret_in_clear() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("a/b");
    let cache = Arc::new(DesiredCache::default());
    cache.set(&workload(5, true));
    let store = store(&folder, TOKEN);
    store.save(runner_id(), &cache).await.unwrap();

    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        let bytes = fs::read(&path).unwrap();
        for secret in [CANARY, TOKEN, "PASSWORD"] {
            let shows = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!shows, "{secret} is in {}", path.display());
        }
    }
    let names = fs::read_dir(&folder).unwrap().count();
    assert_eq!(names, 2, "the copy and the lock, and nothing unfinished");
}

#[tokio::test]
async fn a_folder_that_others_can_write_to_is_not_used() {
    let folder = written().await;
    let cache = Arc::new(DesiredCache::default());
    cache.set(&workload(6, true));
    for (mode, is_used) in [(0o777, false), (0o770, false), (0o755, true)] {
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
        let saved = store(folder.path(), TOKEN).save(runner_id(), &cache).await;
        assert_eq!(saved.is_ok(), is_used, "{mode:o}: {saved:?}");
        let loaded = loaded(folder.path(), TOKEN).await;
        assert_eq!(loaded.is_some(), is_used, "{mode:o}");
    }
}

#[tokio::test]
async fn another_token_opens_nothing() {
    let folder = written().await;
    assert_eq!(loaded(folder.path(), "berth_runner_other").await, None);
    assert!(
        loaded(folder.path(), TOKEN).await.is_some(),
        "and spoils nothing"
    );
}

#[tokio::test]
async fn a_torn_or_changed_file_is_as_none() {
    let folder = written().await;
    let path = folder.path().join("state");
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(loaded(folder.path(), TOKEN).await, None, "{length} bytes");
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert_eq!(loaded(folder.path(), TOKEN).await, None, "byte {at}");
    }
}

#[tokio::test]
async fn a_file_of_another_version_or_of_other_content_is_as_none() {
    let folder = written().await;
    let path = folder.path().join("state");
    let mut file = fs::read(&path).unwrap();
    let version = file.iter().position(|byte| *byte == 1).unwrap();
    file[version] = 2;
    fs::write(&path, &file).unwrap();
    assert_eq!(loaded(folder.path(), TOKEN).await, None);

    let key = StateKey::from_token(&SecretText::new(TOKEN));
    fs::write(&path, key.seal(br#"{"epoch": "yesterday"}"#).unwrap()).unwrap();
    assert_eq!(loaded(folder.path(), TOKEN).await, None);
}

#[tokio::test]
async fn a_write_that_was_cut_off_leaves_the_file_before_it() {
    let folder = written().await;
    fs::write(folder.path().join("state.new"), "half of").unwrap();
    assert_eq!(loaded(folder.path(), TOKEN).await.unwrap().epoch, 3);
    let cache = Arc::new(DesiredCache::default());
    cache.raise_epoch(4);
    let store = store(folder.path(), TOKEN);
    store.save(runner_id(), &cache).await.unwrap();
    drop(store);
    assert_eq!(loaded(folder.path(), TOKEN).await.unwrap().epoch, 4);
}

#[tokio::test]
async fn a_failed_write_leaves_no_older_copy_behind() {
    let folder = written().await;
    let in_the_way = folder.path().join("state.new");
    fs::create_dir(&in_the_way).unwrap();
    let cache = Arc::new(DesiredCache::default());
    cache.raise_epoch(4);
    let first = store(folder.path(), TOKEN);
    first.save(runner_id(), &cache).await.unwrap_err();
    assert!(!folder.path().join("state").exists());
    drop(first);
    assert_eq!(loaded(folder.path(), TOKEN).await, None);

    fs::remove_dir(&in_the_way).unwrap();
    let second = store(folder.path(), TOKEN);
    second.save(runner_id(), &cache).await.unwrap();
    drop(second);
    assert_eq!(loaded(folder.path(), TOKEN).await.unwrap().epoch, 4);
}

#[tokio::test]
async fn a_copy_that_can_be_neither_replaced_nor_removed_is_named() {
    let folder = written().await;
    let path = folder.path().join("state");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let cache = Arc::new(DesiredCache::default());
    cache.raise_epoch(4);
    let store = store(folder.path(), TOKEN);
    let error = store.save(runner_id(), &cache).await.unwrap_err();
    let says = format!("remove {} before", path.display());
    assert!(error.to_string().contains(&says), "{error}");
}

#[tokio::test(start_paused = true)]
async fn two_processes_do_not_share_a_folder() {
    let folder = written().await;
    let first = store(folder.path(), TOKEN);
    assert!(first.load().await.is_some());
    assert_eq!(loaded(folder.path(), TOKEN).await, None);
    drop(first);
    assert!(loaded(folder.path(), TOKEN).await.is_some());
}

#[test]
fn without_the_server_no_rollout_starts_and_the_old_release_stays() {
    let cache = DesiredCache::default();
    let offline = |cache: &DesiredCache| cache.workloads()[0].offline_workload().cloned();
    cache.set(&workload(1, false));
    assert_eq!(
        offline(&cache),
        None,
        "a first release has nothing before it"
    );
    cache.set(&workload(1, true));
    assert_eq!(offline(&cache), Some(workload(1, true)));
    cache.set(&workload(2, false));
    cache.set(&workload(3, false));
    assert_eq!(offline(&cache), Some(workload(1, true)));

    // Another release than the one that is rolling out.
    let digest = ImageDigest::sha256([0; 32]);
    let id = workload(2, false).deployment_id;
    let mark_live = |generation| {
        let release = workload(generation, false).release.clone().unwrap();
        cache.mark_live(id, generation, &release, &digest);
    };
    mark_live(2);
    assert_eq!(offline(&cache), Some(workload(1, true)));
    mark_live(3);
    let now = offline(&cache).unwrap();
    let release = now.release.as_ref().unwrap();
    assert_eq!((now.generation, release.live), (3, true));
    assert_eq!(release.image_digest.as_ref(), Some(&digest));
    // The server has not heard of it yet, and repeats the older state.
    cache.set(&workload(3, false));
    assert_eq!(offline(&cache), Some(now));
}
