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
    disk::{Disk, TAKE_OVER, TAKE_OVER_PAUSE},
    file_content::{StateContent, StoredWorkload},
    key::NotOpened,
    memory::Memory,
};
use crate::{backoff::Backoff, host::Host, sync::lock, timings::Timings};

/// Handle of the copy on disk; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    host: Arc<dyn Host>,
    key: StateKey,
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Debug)]
struct Shelf {
    disk: Disk,
    /// Version of the in-memory state that the file has.
    saved: u64,
}

impl Keeper {
    pub(crate) fn new(folder: StateFolder, host: Arc<dyn Host>) -> Self {
        let shelf = Shelf {
            disk: Disk::new(folder.path),
            saved: 0,
        };
        Self {
            host,
            key: folder.key,
            shelf: Arc::new(Mutex::new(shelf)),
        }
    }

    /// Loads the copy of the previous process.
    ///
    /// A file that cannot be used counts as missing, and is logged.
    pub(crate) async fn recall(&self) -> Option<StateContent> {
        let path = lock(&self.shelf).disk.path();
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
            serde_json::from_slice(&plain).map_err(|_| NotOpened::NotUnderstood)
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
        lock(&self.shelf).disk.read_private(name)
    }

    /// Replaces another private file of the folder.
    pub(crate) fn write_private(&self, name: &str, content: &[u8]) -> io::Result<()> {
        lock(&self.shelf).disk.write_file(name, content)
    }

    /// Returns the path of a file in the folder.
    pub(crate) fn path_of(&self, name: &str) -> PathBuf {
        lock(&self.shelf).disk.path_of(name)
    }

    async fn read(&self) -> io::Result<Option<Vec<u8>>> {
        let until = Instant::now() + TAKE_OVER;
        loop {
            match lock(&self.shelf).disk.read() {
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {}
                read => return read,
            }
            sleep(TAKE_OVER_PAUSE).await;
        }
    }

    /// Saves the copy on each change, forever: at once, then not again for a moment.
    pub(crate) fn follow(
        self,
        runner_id: RunnerId,
        memory: Arc<Memory>,
        timings: Timings,
    ) -> impl Future<Output = ()> + Send + 'static {
        // Subscribed here, so that no change before the future's first poll is missed.
        let mut changes = memory.changes();
        async move {
            while changes.changed().await.is_ok() {
                self.save_some_time(runner_id, &memory, &timings).await;
                sleep(timings.state_pause).await;
            }
        }
    }

    /// Saves, and retries until it works.
    async fn save_some_time(&self, runner_id: RunnerId, memory: &Arc<Memory>, timings: &Timings) {
        let mut pause = Backoff::new(timings.retry_first, timings.retry_max);
        let mut has_failed = false;
        while let Err(error) = self.save(runner_id, memory).await {
            if !has_failed {
                warn!(
                    %error,
                    "the desired state cannot be saved on this machine, so after a restart the runner \
                     waits for the server; trying again"
                );
            }
            has_failed = true;
            sleep(pause.next()).await;
        }
        if has_failed {
            info!("the desired state is saved on this machine again");
        }
    }

    /// Saves all unsaved changes.
    ///
    /// On failure, no copy is left: after a restart an old one would bring back workloads that
    /// were stopped or deleted meanwhile, however long ago it was written.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(crate) async fn save(&self, runner_id: RunnerId, memory: &Arc<Memory>) -> io::Result<()> {
        let (keeper, memory) = (self.clone(), Arc::clone(memory));
        // Dropping the future does not stop the write, so the newest state is read under the
        // lock: of two writes, the later one has the newer state.
        let writing = Box::new(move || keeper.write(runner_id, &memory));
        self.host.block(writing).await
    }

    fn write(&self, runner_id: RunnerId, memory: &Memory) -> io::Result<()> {
        let mut place = lock(&self.shelf);
        let (version, book) = memory.snapshot();
        if place.saved == version {
            memory.note_kept(version);
            return Ok(());
        }
        let deployments = book.deployments.values().map(|kept| StoredWorkload {
            desired: &*kept.desired,
            previous: kept.previous.as_deref(),
        });
        let content = StateContent {
            runner_id,
            epoch: book.epoch,
            deployments: deployments.collect(),
        };
        let written = self.put(&mut place.disk, &content);
        if let Err(error) = written {
            let removed = place.disk.remove();
            // If an older copy cannot be removed either, a log line is all that is left to do.
            memory.note_kept(version);
            return Err(match removed {
                Ok(()) => error,
                Err(stays) => io::Error::other(format!(
                    "{error}; the older copy cannot be removed either ({stays}): remove {} before \
                     the runner is started again",
                    place.disk.path().display()
                )),
            });
        }
        place.saved = version;
        memory.note_kept(version);
        Ok(())
    }

    fn put(&self, disk: &mut Disk, content: &StateContent<&Workload>) -> io::Result<()> {
        let plain = Zeroizing::new(serde_json::to_vec(content)?);
        disk.write(&self.key.seal(&plain)?)
    }
}
