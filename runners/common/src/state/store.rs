//! Loading the copy at the start, and saving it on each change.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use models::{RunnerId, runner::Workload};
use tokio::time::{Instant, sleep};
use tracing::{error, info, warn};
use zeroize::Zeroizing;

use super::{
    StateFolder, StateKey,
    desired_cache::DesiredCache,
    dir::{LOCK_RETRY_PAUSE, LOCK_TIMEOUT, StateDir},
    file_content::{StateContent, StoredWorkload},
    key::OpenError,
};
use crate::{backoff::Backoff, host::Host, sync::lock, timings::Timings};

/// Handle of the copy on disk; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct StateStore {
    host: Arc<dyn Host>,
    key: StateKey,
    state: Arc<Mutex<StoreState>>,
}

#[derive(Debug)]
struct StoreState {
    dir: StateDir,
    /// Version of the in-memory state that the file has.
    saved: u64,
}

impl StateStore {
    pub(crate) fn new(folder: StateFolder, host: Arc<dyn Host>) -> Self {
        let state = StoreState {
            dir: StateDir::new(folder.path),
            saved: 0,
        };
        Self {
            host,
            key: folder.key,
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// Loads the copy of the previous process.
    ///
    /// A file that cannot be used counts as missing, and is logged.
    pub(crate) async fn load(&self) -> Option<StateContent> {
        let path = lock(&self.state).dir.path();
        let path = path.display();
        let file = match self.read().await {
            Ok(file) => file?,
            Err(error) => {
                error!(%path, %error, "the saved desired state cannot be read; waiting for the server");
                return None;
            }
        };
        let opened = self.key.open(&file).and_then(|plain| {
            // The parser's message is left out: it would repeat the contents.
            serde_json::from_slice(&plain).map_err(|_| OpenError::NotUnderstood)
        });
        match opened {
            Ok(content) => Some(content),
            Err(why) => {
                error!(%path, %why, "the saved desired state does not open; waiting for the server");
                None
            }
        }
    }

    /// Reads another private file of the folder; `None` when it does not exist.
    pub(crate) fn read_private(&self, name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        lock(&self.state).dir.read_private(name)
    }

    /// Replaces another private file of the folder.
    pub(crate) fn write_private(&self, name: &str, content: &[u8]) -> io::Result<()> {
        lock(&self.state).dir.write_file(name, content)
    }

    /// Returns the path of a file in the folder.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        lock(&self.state).dir.path_of(name)
    }

    async fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let until = Instant::now() + LOCK_TIMEOUT;
        loop {
            match lock(&self.state).dir.read() {
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {}
                read => return read,
            }
            sleep(LOCK_RETRY_PAUSE).await;
        }
    }

    /// Saves the copy on each change, forever: at once, then not again for a moment.
    pub(crate) fn run_saver(
        self,
        runner_id: RunnerId,
        cache: Arc<DesiredCache>,
        timings: Timings,
    ) -> impl Future<Output = ()> + Send + 'static {
        // Subscribed here, so that no change before the future's first poll is missed.
        let mut changes = cache.changes();
        async move {
            while changes.changed().await.is_ok() {
                self.save_with_retry(runner_id, &cache, &timings).await;
                sleep(timings.state_pause).await;
            }
        }
    }

    /// Saves, and retries until it works.
    async fn save_with_retry(
        &self,
        runner_id: RunnerId,
        cache: &Arc<DesiredCache>,
        timings: &Timings,
    ) {
        let mut pause = Backoff::new(timings.retry_first, timings.retry_max);
        let mut has_failed = false;
        while let Err(error) = self.save(runner_id, cache).await {
            if !has_failed {
                warn!(
                    %error,
                    "the desired state cannot be saved on this host, so after a restart the runner \
                     waits for the server; trying again"
                );
            }
            has_failed = true;
            sleep(pause.next()).await;
        }
        if has_failed {
            info!("the desired state is saved on this host again");
        }
    }

    /// Saves all unsaved changes.
    ///
    /// On failure, no copy is left: after a restart an old one would bring back workloads that
    /// were stopped or deleted meanwhile, however long ago it was written.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(crate) async fn save(
        &self,
        runner_id: RunnerId,
        cache: &Arc<DesiredCache>,
    ) -> io::Result<()> {
        let (store, cache) = (self.clone(), Arc::clone(cache));
        // Dropping the future does not stop the write, so the newest state is read under the
        // lock: of two writes, the later one has the newer state.
        let writing = Box::new(move || store.write(runner_id, &cache));
        self.host.block(writing).await
    }

    fn write(&self, runner_id: RunnerId, cache: &DesiredCache) -> io::Result<()> {
        let mut state = lock(&self.state);
        let (version, workloads) = cache.snapshot();
        if state.saved == version {
            cache.set_persisted(version);
            return Ok(());
        }
        let stored = workloads.by_id.values().map(|stored| StoredWorkload {
            desired: &*stored.desired,
            previous: stored.previous.as_deref(),
            attempt: stored.attempt,
        });
        let content = StateContent {
            runner_id,
            epoch: workloads.epoch,
            workloads: stored.collect(),
        };
        let written = self.write_content(&mut state.dir, &content);
        if let Err(error) = written {
            let removed = state.dir.remove();
            // If an older copy cannot be removed either, a log line is all that is left to do.
            cache.set_persisted(version);
            return Err(match removed {
                Ok(()) => error,
                Err(stays) => io::Error::other(format!(
                    "{error}; the outdated copy cannot be removed either ({stays}): remove {} \
                     before you restart the runner",
                    state.dir.path().display()
                )),
            });
        }
        state.saved = version;
        cache.set_persisted(version);
        Ok(())
    }

    fn write_content(
        &self,
        dir: &mut StateDir,
        content: &StateContent<&Workload>,
    ) -> io::Result<()> {
        let plain = Zeroizing::new(serde_json::to_vec(content)?);
        dir.write(&self.key.seal(&plain)?)
    }
}
