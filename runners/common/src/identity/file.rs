//! File of the identity.

use std::{io, path::PathBuf};

use models::{RunnerId, time::Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::IdentityError;
use crate::{
    owner::{Adopted, Owner, OwnerKey, hex, unhex},
    state::StateStore,
};

const NAME: &str = "identity";

/// Contents of the identity file.
#[derive(Clone, Debug)]
pub(super) struct Content {
    key: OwnerKey,
    pub(super) runner_id: Option<RunnerId>,
    adopted: Option<Adopted>,
}

/// Serialized form of [`Content`].
#[derive(Serialize, Deserialize)]
struct Written {
    key: Zeroizing<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    runner_id: Option<RunnerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    adopted: Option<Adopted>,
}

impl Content {
    /// A runner that does not know its id yet.
    pub(super) const fn new(key: OwnerKey) -> Self {
        Self {
            key,
            runner_id: None,
            adopted: None,
        }
    }

    /// Takes over the id, and everything that this runner made until now.
    pub(super) fn adopt(&mut self, runner_id: RunnerId, now: Timestamp, any_mark: bool) {
        self.runner_id = Some(runner_id);
        self.adopted = Some(Adopted {
            runner_id,
            before: now,
            any_mark,
        });
    }

    pub(super) fn owner(&self) -> Owner {
        Owner::new(self.key.clone()).with_adopted(self.adopted.clone())
    }
}

/// The file of the identity.
#[derive(Debug)]
pub(super) struct File(StateStore);

impl File {
    pub(super) fn of(store: &StateStore) -> Self {
        Self(store.clone())
    }

    /// Reads the file; `None` when it does not exist.
    ///
    /// Takes no lock: the content changes only when a person or the first welcome changes it.
    pub(super) fn read(&self) -> Result<Option<Content>, IdentityError> {
        let read = || {
            let Some(bytes) = self.0.read_private(NAME)? else {
                return Ok(None);
            };
            // The parser's message is left out: it would repeat the contents.
            let damaged = || {
                io::Error::other(
                    "it is corrupted. Restore it from a backup; or remove it, and start the runner \
                     once with --adopt and its id, which the dashboard shows",
                )
            };
            let written: Written = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
            let key = unhex(&written.key).map(Zeroizing::new);
            let key = key.and_then(|key| OwnerKey::from_bytes(&key));
            Ok(Some(Content {
                key: key.ok_or_else(damaged)?,
                runner_id: written.runner_id,
                adopted: written.adopted,
            }))
        };
        read().map_err(|error| self.failed(&error))
    }

    pub(super) fn write(&self, content: &Content) -> Result<(), IdentityError> {
        let written = Written {
            key: Zeroizing::new(hex(content.key.as_bytes())),
            runner_id: content.runner_id,
            adopted: content.adopted.clone(),
        };
        let write = || {
            let bytes = Zeroizing::new(serde_json::to_vec(&written)?);
            self.0.write_private(NAME, &bytes)
        };
        write().map_err(|error| self.failed(&error))
    }

    /// Creates the identity of a new runner.
    pub(super) fn new_content(&self) -> Result<Content, IdentityError> {
        let key = OwnerKey::random();
        key.map(Content::new).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> IdentityError {
        IdentityError {
            path: self.path(),
            why: error.to_string(),
        }
    }

    fn path(&self) -> PathBuf {
        self.0.path_of(NAME)
    }
}
