//! Where a runner keeps what should be true.

use std::path::PathBuf;

use super::StateKey;

/// A folder for the sealed copy of what should be true. Nobody else may use it: a second process
/// that tries to keeps no copy.
#[derive(Clone, Debug)]
pub struct StateFolder {
    /// The folder. It is made when it is missing.
    pub path: PathBuf,
    /// What the copy is sealed under.
    pub key: StateKey,
}
