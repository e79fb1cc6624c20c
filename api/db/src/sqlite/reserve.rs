//! Disk space reserved for sign-ins on a full disk.
//!
//! A file of a fixed size holds the space. Session transactions that find the disk full release
//! it and try again. Until it is restored, all other transactions are refused, so that they do
//! not use up the released space.

use std::{
    fs::File,
    io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use base::private_files;
use rustix::fs::{FallocateFlags, fallocate};
use tokio::time::Instant;

use crate::StoreError;

/// The size of the reserve, enough for thousands of sign-ins.
///
/// It is two write-ahead logs of the length at which SQLite restarts them.
const BYTES: u64 = 8 * 1024 * 1024;
/// The interval between attempts if no space could be reserved at the start.
const AGAIN: Duration = Duration::from_mins(1);

/// The reserved space and its state.
#[derive(Debug)]
pub(super) struct Reserve {
    file: File,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The space is reserved.
    Kept,
    /// The space was released for sessions; others may not write until it is restored.
    GivenUp,
    /// No space is reserved.
    ///
    /// The disk was full at the start, or the file system cannot reserve any.
    Missing { asked_at: Instant },
}

impl Reserve {
    /// Reserves the space, if the disk has it.
    pub(super) fn take(path: &Path) -> io::Result<Self> {
        let reserve = Self {
            file: private_files::open_private_file(path)?,
            state: Mutex::new(State::GivenUp),
        };
        *reserve.lock() = reserve.allocated();
        Ok(reserve)
    }

    /// Checks that other transactions may begin, and restores the space if necessary.
    pub(super) fn allows_others(&self) -> Result<(), StoreError> {
        let mut state = self.lock();
        match *state {
            State::Kept => {}
            State::Missing { asked_at } if asked_at.elapsed() < AGAIN => {}
            State::Missing { .. } => *state = self.allocated(),
            State::GivenUp => {
                self.allocate()
                    .map_err(|error| StoreError::Full(error.into()))?;
                tracing::info!("disk space is available again");
                *state = State::Kept;
            }
        }
        Ok(())
    }

    /// Releases the space; returns whether any was reserved.
    pub(super) fn give_up(&self) -> bool {
        let mut state = self.lock();
        if !matches!(*state, State::Kept) {
            return false;
        }
        if let Err(error) = self.file.set_len(0) {
            tracing::error!(%error, "failed to release the disk space reserved for sessions");
            return false;
        }
        *state = State::GivenUp;
        tracing::warn!("the disk is full; sessions now use the disk space reserved for them");
        true
    }

    fn allocated(&self) -> State {
        match self.allocate() {
            Ok(()) => State::Kept,
            Err(error) => {
                tracing::warn!(%error, "cannot reserve disk space for sign-ins; if the disk fills up, sign-ins will \
                     fail");
                State::Missing {
                    asked_at: Instant::now(),
                }
            }
        }
    }

    fn allocate(&self) -> io::Result<()> {
        let allocated = fallocate(&self.file, FallocateFlags::empty(), 0, BYTES);
        if allocated.is_err() {
            // A partly allocated reserve would only waste the space.
            self.file.set_len(0)?;
        }
        Ok(allocated?)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
