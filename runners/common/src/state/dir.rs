//! The copy's file: replaced atomically, and private to its owner.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};
use zeroize::Zeroizing;

/// Name of the copy.
const FILE: &str = "state";
/// Suffix of a file until it is complete on disk.
const UNFINISHED: &str = ".new";
/// Lock file; held by the process that uses the folder.
const LOCK: &str = "lock";

/// Longest wait for the folder: the previous process may just be exiting.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(2);
/// Pause between two tries in that time.
pub(super) const LOCK_RETRY_PAUSE: Duration = Duration::from_millis(50);

/// Mode of the folder: only the owner may read, write and enter.
const PRIVATE_DIR: u32 = 0o700;
/// Write bits of others, who could replace the runner's files with theirs.
const OTHERS_WRITE: u32 = 0o022;
/// Mode of a file: only the owner may read and write.
const PRIVATE_FILE: u32 = 0o600;

/// All permission bits of everyone but the owner.
const OTHERS: u32 = 0o077;

/// A runner's folder on the disk.
#[derive(Debug)]
pub(crate) struct StateDir {
    folder: PathBuf,
    lock: Option<File>,
}

impl StateDir {
    pub(crate) const fn new(folder: PathBuf) -> Self {
        Self { folder, lock: None }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.path_of(FILE)
    }

    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Locks the folder for this process, if it is not locked yet.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] while another process uses it.
    pub(super) fn lock(&mut self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(PRIVATE_DIR)
            .create(&self.folder)?;
        if self.folder.metadata()?.permissions().mode() & OTHERS_WRITE != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!(
                    "other users can replace its contents; run: chmod 700 {}",
                    self.folder.display()
                ),
            ));
        }
        if self.lock.is_none() {
            let lock = create(&self.folder.join(LOCK))?;
            lock.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => io::Error::new(
                    io::ErrorKind::WouldBlock,
                    "another runner is using the folder; give each runner its own state_dir",
                ),
                TryLockError::Error(error) => error,
            })?;
            self.lock = Some(lock);
        }
        Ok(())
    }

    /// Locks like [`Self::lock`], and waits for a process that is just exiting.
    pub(crate) async fn lock_with_retry(&mut self) -> io::Result<()> {
        let until = Instant::now() + LOCK_TIMEOUT;
        loop {
            match self.lock() {
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < until => {}
                taken => return taken,
            }
            sleep(LOCK_RETRY_PAUSE).await;
        }
    }

    /// Reads the file; `None` when it does not exist.
    pub(super) fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.lock()?;
        match fs::read(self.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Reads a private file of the folder; `None` when it does not exist.
    pub(super) fn read_private(&self, name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        let mut file = match File::open(self.folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        if file.metadata()?.permissions().mode() & OTHERS != 0 {
            return Err(io::Error::other(
                "other users can read it; run chmod 600 on it",
            ));
        }
        let mut content = Zeroizing::new(Vec::new());
        file.read_to_end(&mut content)?;
        Ok(Some(content))
    }

    /// Replaces the file atomically: a crash leaves the old or the new one, complete.
    pub(super) fn write(&mut self, content: &[u8]) -> io::Result<()> {
        self.write_file(FILE, content)
    }

    /// Replaces another file of the folder in the same way.
    pub(crate) fn write_file(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        self.lock()?;
        let unfinished = self.folder.join(format!("{name}{UNFINISHED}"));
        let written = self.write_as(&unfinished, name, content);
        if written.is_err() {
            // A partial file takes room on a disk that may be full.
            fs::remove_file(&unfinished).ok();
        }
        written
    }

    fn write_as(&self, unfinished: &Path, name: &str, content: &[u8]) -> io::Result<()> {
        let mut file = create(unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(unfinished, self.folder.join(name))?;
        File::open(&self.folder)?.sync_all()
    }

    /// Removes the file, which works on a full disk too.
    pub(super) fn remove(&mut self) -> io::Result<()> {
        self.lock()?;
        match fs::remove_file(self.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => File::open(&self.folder)?.sync_all(),
        }
    }
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(PRIVATE_FILE)
        .open(path)
}
