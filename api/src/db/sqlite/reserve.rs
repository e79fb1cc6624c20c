//! Room on the disk for those who sign in when it is full.
//!
//! A file of a fixed size holds the room. Transactions of sessions that find no room give it up and
//! try again; until it is whole again, all other transactions are refused, so that what was given
//! up is not eaten by them.

use std::{
    fs::File,
    io,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::fs::{FallocateFlags, fallocate};
use tokio::time::Instant;

use crate::{db::StoreError, files};

/// Two write-ahead logs of the length at which SQLite begins them anew: thousands of sign-ins.
const BYTES: u64 = 8 * 1024 * 1024;
/// How often the room is asked for where there was none from the start.
const AGAIN: Duration = Duration::from_mins(1);

/// The room, and what became of it.
#[derive(Debug)]
pub(super) struct Reserve {
    file: File,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// It is held.
    Kept,
    /// It was given up for sessions; nobody else may write before it is whole again.
    GivenUp,
    /// There is none, since the disk was full at the start or the file system cannot hold any.
    Missing { asked_at: Instant },
}

impl Reserve {
    /// Takes the room, as far as there is any.
    pub(super) fn take(path: &Path) -> io::Result<Self> {
        let reserve = Self {
            file: files::open_private_file(path)?,
            state: Mutex::new(State::GivenUp),
        };
        *reserve.lock() = reserve.allocated();
        Ok(reserve)
    }

    /// Lets a transaction begin that is not a session's.
    pub(super) fn allows_others(&self) -> Result<(), StoreError> {
        let mut state = self.lock();
        match *state {
            State::Kept => {}
            State::Missing { asked_at } if asked_at.elapsed() < AGAIN => {}
            State::Missing { .. } => *state = self.allocated(),
            State::GivenUp => {
                self.allocate()
                    .map_err(|error| StoreError::Full(error.into()))?;
                tracing::info!("there is room again");
                *state = State::Kept;
            }
        }
        Ok(())
    }

    /// Gives the room up; says whether there was any.
    pub(super) fn give_up(&self) -> bool {
        let mut state = self.lock();
        if !matches!(*state, State::Kept) {
            return false;
        }
        if let Err(error) = self.file.set_len(0) {
            tracing::error!(%error, "the room that is kept for sessions cannot be given up");
            return false;
        }
        *state = State::GivenUp;
        tracing::warn!("the disk is full; sessions use the room that was kept for them");
        true
    }

    fn allocated(&self) -> State {
        match self.allocate() {
            Ok(()) => State::Kept,
            Err(error) => {
                tracing::warn!(%error, "no room can be kept for sign-ins on a full disk");
                State::Missing {
                    asked_at: Instant::now(),
                }
            }
        }
    }

    fn allocate(&self) -> io::Result<()> {
        let allocated = fallocate(&self.file, FallocateFlags::empty(), 0, BYTES);
        if allocated.is_err() {
            // A part of it would be room for nobody.
            self.file.set_len(0)?;
        }
        Ok(allocated?)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
