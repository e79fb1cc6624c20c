//! Data keys of workspaces, and the contexts that they seal values for.

use std::fmt;

use models::WorkspaceId;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{OpenFailed, cipher::Cipher};

/// The place that a sealed value belongs to; it opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// The workspace that owns the secret.
    pub workspace_id: WorkspaceId,
    /// The kind of value, for example `environment`.
    pub kind: &'static str,
    /// The deployment, release or other owner of the value.
    pub owner: Uuid,
}

impl Context {
    /// The ids have a fixed length, so no two contexts have the same bytes.
    fn place(&self) -> Vec<u8> {
        let workspace = self.workspace_id.uuid().into_bytes();
        [&workspace, self.owner.as_bytes(), self.kind.as_bytes()].concat()
    }
}

/// A workspace's data key, opened. It is wiped from memory on drop.
#[derive(Clone)]
pub struct DataKey(pub(super) Cipher);

impl DataKey {
    /// Seals a value for its context.
    pub fn seal(&self, context: &Context, plain: &[u8]) -> Vec<u8> {
        self.0.seal(&context.place(), plain)
    }

    /// Opens a value that was sealed for this context.
    ///
    /// # Errors
    /// [`OpenFailed`] for any other key, context or value. Stop the operation that needs the
    /// value then.
    pub fn open(&self, context: &Context, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenFailed> {
        self.0.open(&context.place(), sealed)
    }

    /// Seals a value as JSON.
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn seal_json(
        &self,
        context: &Context,
        value: &impl Serialize,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let plain = Zeroizing::new(serde_json::to_vec(value)?);
        Ok(self.seal(context, &plain))
    }

    /// Opens a value that was sealed as JSON.
    ///
    /// # Errors
    /// [`OpenFailed`] as [`Self::open`], and when the value is not of this type.
    pub fn open_json<T: DeserializeOwned>(
        &self,
        context: &Context,
        sealed: &[u8],
    ) -> Result<T, OpenFailed> {
        let plain = self.open(context, sealed)?;
        serde_json::from_slice(&plain).map_err(|_| OpenFailed)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden data key]")
    }
}
