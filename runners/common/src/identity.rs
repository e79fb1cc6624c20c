//! Identity of a runner: its id, and the key of its marks.
//!
//! Both are kept in a file of the state folder that only its owner can read. The id is the one that
//! the first welcome named; from then on no server can name another one. Neither depends on the
//! token, which may be replaced. Only a person who removes the file makes another runner of it.

mod file;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use models::{RunnerId, value::SecretText};
use tracing::info;

use self::file::{Content, File};
use crate::{
    machine::{Machine, ThisMachine},
    owner::{Owner, OwnerKey},
    state::{Keeper, StateFolder, StateKey},
    sync::lock,
};

/// A runner cannot learn its identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the runner's identity {} cannot be used: {why}", path.display())]
pub struct IdentityError {
    /// The file.
    pub path: PathBuf,
    /// The reason, and what to do about it.
    pub why: String,
}

/// A runner does not take the id that a server names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PinError {
    /// It is another runner.
    #[error("the server takes this runner for {named}, and it is {pinned}")]
    OtherRunner {
        /// The id of this runner.
        pinned: RunnerId,
        /// The id that the server named.
        named: RunnerId,
    },
    /// The id cannot be kept, and the next process would take any other.
    #[error(transparent)]
    NotKept(#[from] IdentityError),
}

/// Identity of this runner.
#[derive(Debug)]
pub(crate) struct Identity {
    /// Absent when nothing is kept on this machine.
    file: Option<File>,
    content: Mutex<Content>,
}

impl Identity {
    /// The identity in the state folder, which is made when there is none; without a folder, one that
    /// lasts as long as the token.
    ///
    /// A copy of what should run that is older than the identity was kept by a version without marks:
    /// what that made on the platform for the same runner is taken over, once.
    ///
    /// # Errors
    /// When it cannot be read or kept.
    pub(crate) async fn open(
        keeper: Option<&Keeper>,
        token: &SecretText,
        machine: &dyn Machine,
    ) -> Result<Self, IdentityError> {
        let Some(keeper) = keeper else {
            let key = OwnerKey::from_secret(token.expose().as_bytes());
            return Ok(Self {
                file: None,
                content: Mutex::new(Content::new(key)),
            });
        };
        Self::open_in(keeper, machine).await
    }

    async fn open_in(keeper: &Keeper, machine: &dyn Machine) -> Result<Self, IdentityError> {
        let file = File::of(keeper);
        let content = match file.read()? {
            Some(content) => content,
            None => Self::make(keeper, &file, machine).await?,
        };
        Ok(Self {
            file: Some(file),
            content: Mutex::new(content),
        })
    }

    async fn make(
        keeper: &Keeper,
        file: &File,
        machine: &dyn Machine,
    ) -> Result<Content, IdentityError> {
        let copy = keeper.recall().await;
        // Another process may have made one while the folder was waited for.
        if let Some(content) = file.read()? {
            return Ok(content);
        }
        let mut content = file.new_content()?;
        if let Some(copy) = copy {
            content.adopt(copy.runner_id, machine.now(), false);
            info!(
                runner.id = %copy.runner_id,
                "takes over what an older version of this runner made on this machine"
            );
        }
        file.write(&content)?;
        Ok(content)
    }

    /// The marks of the runner.
    pub(crate) fn owner(&self) -> Owner {
        lock(&self.content).owner()
    }

    /// The id of the runner, once it is known.
    pub(crate) fn runner_id(&self) -> Option<RunnerId> {
        lock(&self.content).runner_id
    }

    /// Holds to the first id that a server named.
    ///
    /// # Errors
    /// When it is another one now, or cannot be kept.
    pub(crate) fn pin(&self, named: RunnerId) -> Result<(), PinError> {
        match self.runner_id() {
            Some(pinned) if pinned != named => Err(PinError::OtherRunner { pinned, named }),
            Some(_) => Ok(()),
            None => Ok(self.change(|content| content.runner_id = Some(named))?),
        }
    }

    fn change(&self, change: impl FnOnce(&mut Content)) -> Result<(), IdentityError> {
        let mut content = lock(&self.content);
        let mut changed = content.clone();
        change(&mut changed);
        if let Some(file) = &self.file {
            file.write(&changed)?;
        }
        *content = changed;
        Ok(())
    }
}

/// Makes the runner in a state folder the one with this id, whoever it was before.
///
/// For a program that is server and runner in one, and so knows who its runner is better than any
/// file. What the runner before made bears that one's id and is left alone.
///
/// # Errors
/// When another process uses the folder, or the identity cannot be read or kept.
pub async fn pin(folder: &StateFolder, runner_id: RunnerId) -> Result<(), IdentityError> {
    let machine = Arc::new(ThisMachine);
    let keeper = Keeper::new(folder.clone(), Arc::clone(&machine) as Arc<dyn Machine>);
    let identity = Identity::open_in(&keeper, &*machine).await?;
    if identity.runner_id() == Some(runner_id) {
        return Ok(());
    }
    identity.change(|content| content.runner_id = Some(runner_id))
}

/// Gives the runner in a state folder all that this machine's platform has of a runner: whatever names
/// that id and was made until now, also under a key that is lost.
///
/// A person must ask for this on the machine itself, after a state folder was lost.
///
/// # Errors
/// As [`pin`].
pub async fn adopt(folder: &Path, runner_id: RunnerId) -> Result<(), IdentityError> {
    let machine = Arc::new(ThisMachine);
    let folder = StateFolder {
        path: folder.to_owned(),
        // The copy of what should run is not looked at.
        key: StateKey::from_secret(&[]),
    };
    let keeper = Keeper::new(folder, Arc::clone(&machine) as Arc<dyn Machine>);
    let file = File::of(&keeper);
    let known = file.read()?;
    let mut content = match known {
        Some(content) => content,
        None => file.new_content()?,
    };
    content.adopt(runner_id, machine.now(), true);
    file.write(&content)
}

#[cfg(test)]
mod tests;
