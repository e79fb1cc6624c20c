//! The copy's file: always whole, and nobody's but its owner's.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// The copy.
const FILE: &str = "state";
/// What becomes the copy once all of it is on the disk.
const UNFINISHED: &str = "state.new";
/// Held locked by the process that uses the folder.
const LOCK: &str = "lock";

/// The owner may read, write and enter.
const PRIVATE_DIR: u32 = 0o700;
/// The owner may read and write.
const PRIVATE_FILE: u32 = 0o600;

#[derive(Debug)]
pub(super) struct Disk {
    folder: PathBuf,
    lock: Option<File>,
}

impl Disk {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self { folder, lock: None }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// Makes the folder ours, if it is not.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] while another process uses it.
    pub(super) fn take(&mut self) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(PRIVATE_DIR)
            .create(&self.folder)?;
        if self.lock.is_none() {
            let lock = create(&self.folder.join(LOCK))?;
            lock.try_lock().map_err(|error| match error {
                TryLockError::WouldBlock => io::Error::new(
                    io::ErrorKind::WouldBlock,
                    "another runner uses the folder; give each one a state_dir of its own",
                ),
                TryLockError::Error(error) => error,
            })?;
            self.lock = Some(lock);
        }
        Ok(())
    }

    /// What the file holds; none when there is none.
    pub(super) fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.take()?;
        match fs::read(self.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Replaces the file. Whatever happens on the way, the older one or this one is there whole.
    pub(super) fn write(&mut self, content: &[u8]) -> io::Result<()> {
        self.take()?;
        let unfinished = self.folder.join(UNFINISHED);
        let written = self.write_as(&unfinished, content);
        if written.is_err() {
            // Half a file takes room on a disk that may be full.
            fs::remove_file(&unfinished).ok();
        }
        written
    }

    fn write_as(&self, unfinished: &Path, content: &[u8]) -> io::Result<()> {
        let mut file = create(unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(unfinished, self.path())?;
        File::open(&self.folder)?.sync_all()
    }

    /// Removes the file, which works on a full disk too.
    pub(super) fn remove(&mut self) -> io::Result<()> {
        self.take()?;
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
