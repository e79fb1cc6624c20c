//! Identity of a runner: its id, and the key of its ownership marks.
//!
//! Both are kept in a file of the state folder that only its owner can read. The first welcome
//! names the id; from then on no server can name another one. Neither depends on the token,
//! which may be replaced. Only a person who removes the file turns the runner into another one.

mod file;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use models::{RunnerId, value::SecretText};
use tracing::info;

use self::file::{Content, File};
use crate::{
    host::{Host, SystemHost},
    owner::{Owner, OwnerKey},
    state::{StateFolder, StateKey, StateStore},
    sync::lock,
};

/// Failure to read or save a runner's identity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot use the runner's identity {}: {why}", path.display())]
pub struct IdentityError {
    /// Path of the identity's file.
    pub path: PathBuf,
    /// The reason, and what to do about it.
    pub why: String,
}

/// Reasons to refuse the id that a server names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PinError {
    /// The server takes this runner for another one.
    #[error("the server identifies this runner as {named}, but it is {pinned}")]
    OtherRunner {
        /// Id of this runner.
        pinned: RunnerId,
        /// Id that the server named.
        named: RunnerId,
    },
    /// The id cannot be saved, and the next process would accept any other.
    #[error(transparent)]
    NotKept(#[from] IdentityError),
}

/// Identity of this runner.
#[derive(Debug)]
pub(crate) struct Identity {
    /// Absent when nothing is kept on this host.
    file: Option<File>,
    content: Mutex<Content>,
}

impl Identity {
    /// Reads the identity from the state folder, or creates it there.
    ///
    /// Without a folder, the identity lasts as long as the token. A saved desired state that is
    /// older than the identity was written by a version without ownership marks: what that
    /// version made on the platform for the same runner is adopted, once.
    ///
    /// # Errors
    /// When it cannot be read or saved.
    pub(crate) async fn open(
        store: Option<&StateStore>,
        token: &SecretText,
        host: &dyn Host,
    ) -> Result<Self, IdentityError> {
        let Some(store) = store else {
            let key = OwnerKey::from_secret(token.expose().as_bytes());
            return Ok(Self {
                file: None,
                content: Mutex::new(Content::new(key)),
            });
        };
        Self::open_in(store, host).await
    }

    async fn open_in(store: &StateStore, host: &dyn Host) -> Result<Self, IdentityError> {
        let file = File::of(store);
        let content = match file.read()? {
            Some(content) => content,
            None => Self::make(store, &file, host).await?,
        };
        Ok(Self {
            file: Some(file),
            content: Mutex::new(content),
        })
    }

    async fn make(
        store: &StateStore,
        file: &File,
        host: &dyn Host,
    ) -> Result<Content, IdentityError> {
        let copy = store.load().await;
        // Another process may have created one during the wait for the folder.
        if let Some(content) = file.read()? {
            return Ok(content);
        }
        let mut content = file.new_content()?;
        if let Some(copy) = copy {
            content.adopt(copy.runner_id, host.now(), false);
            info!(
                runner.id = %copy.runner_id,
                "adopting what an older version of this runner created on this host"
            );
        }
        file.write(&content)?;
        Ok(content)
    }

    /// Returns the ownership marks of the runner.
    pub(crate) fn owner(&self) -> Owner {
        lock(&self.content).owner()
    }

    /// Returns the id of the runner, once it is known.
    pub(crate) fn runner_id(&self) -> Option<RunnerId> {
        lock(&self.content).runner_id
    }

    /// Pins the first id that a server names.
    ///
    /// # Errors
    /// When the id differs from the pinned one, or cannot be saved.
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

/// Pins the runner in a state folder to this id, replacing any earlier one.
///
/// For a program that is server and runner in one, and so knows its runner's id better than any
/// file. Instances of the earlier runner bear its id and are left alone.
///
/// # Errors
/// When another process uses the folder, or the identity cannot be read or saved.
pub async fn pin(folder: &StateFolder, runner_id: RunnerId) -> Result<(), IdentityError> {
    let host = Arc::new(SystemHost);
    let store = StateStore::new(folder.clone(), Arc::clone(&host) as Arc<dyn Host>);
    let identity = Identity::open_in(&store, &*host).await?;
    if identity.runner_id() == Some(runner_id) {
        return Ok(());
    }
    identity.change(|content| content.runner_id = Some(runner_id))
}

/// Adopts everything on this platform that names the runner id and exists already.
///
/// This includes what was made under a lost key. A person must ask for it on the host itself,
/// after a state folder was lost.
///
/// # Errors
/// As [`pin`].
pub async fn adopt(folder: &Path, runner_id: RunnerId) -> Result<(), IdentityError> {
    let host = Arc::new(SystemHost);
    let folder = StateFolder {
        path: folder.to_owned(),
        // The saved desired state is not read here.
        key: StateKey::from_secret(&[]),
    };
    let store = StateStore::new(folder, Arc::clone(&host) as Arc<dyn Host>);
    let file = File::of(&store);
    let known = file.read()?;
    let mut content = match known {
        Some(content) => content,
        None => file.new_content()?,
    };
    content.adopt(runner_id, host.now(), true);
    file.write(&content)
}

#[cfg(test)]
mod tests;
