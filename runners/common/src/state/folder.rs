//! The folder of the saved desired state.

use std::path::PathBuf;

use super::StateKey;

/// A folder for the sealed copy of the desired state.
///
/// One process uses it at a time: a second one saves no copy.
#[derive(Clone, Debug)]
pub struct StateFolder {
    /// Path of the folder. It is made when it is missing.
    pub path: PathBuf,
    /// Key that seals the copy.
    pub key: StateKey,
}
