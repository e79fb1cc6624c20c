//! The master key: a file in the data folder, or an environment variable.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use models::{WorkspaceId, value::SecretText};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    DataKey, OpenFailed,
    cipher::{Cipher, KEY_BYTES},
};
use crate::{
    db::{Commit, Db, StoreError, execute, fetch_all, fetch_optional, statements},
    private_files, random,
};

/// The key's file in the data folder.
const FILE: &str = "master.key";
/// The setting whose value only the right master key opens.
const CANARY: &str = "master_key_canary";
/// Domain separation for keys derived from the master key.
const DERIVED: &[u8] = b"berth master key, derived 1\0";
/// The plaintext of the canary.
const CANARY_TEXT: &[u8] = b"berth";

statements! {
    GET_CANARY = "SELECT value FROM setting WHERE name = $1";
    PUT_CANARY = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    DATA_KEYS = "SELECT workspace_id, sealed_data_key FROM workspace";
}

/// The key that seals every workspace's data key; cheap to clone.
#[derive(Clone)]
pub struct MasterKey {
    cipher: Cipher,
    key: Zeroizing<[u8; KEY_BYTES]>,
}

/// The reason that the server must not start with this master key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or created.
    #[error("cannot use the master key {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Users other than the owner may access the file.
    #[error("others can read the master key {}; run: chmod 600 {}", .0.display(), .0.display())]
    TooOpen(PathBuf),
    /// The file or the variable does not hold a key.
    #[error("{0} does not contain a 32-byte master key{1}")]
    Malformed(String, &'static str),
    /// The file is missing, and the database has secrets that only its key opens.
    #[error(
        "the master key {path} is missing, and the database has secrets that only this key can \
         open; restore it from a backup or set BERTH_MASTER_KEY, or start over with an empty data \
         folder and database",
        path = .0.display()
    )]
    Missing(PathBuf),
    /// The secrets in the database were sealed under another key.
    #[error(
        "the database's secrets were sealed with a different master key; restore the right \
         master.key to the data folder, or set BERTH_MASTER_KEY"
    )]
    Wrong(#[source] OpenFailed),
    /// The database could not be read.
    #[error("failed to check the master key against the database")]
    Store(#[from] StoreError),
}

impl MasterKey {
    /// Loads the key from the variable if it is set, else from the file.
    ///
    /// It checks that the key is the one that sealed the database's secrets. Only for a
    /// database without secrets, at the first start, it creates the file.
    ///
    /// # Errors
    /// See [`KeyError`]; the server must not start then.
    pub async fn load(
        variable: Option<&SecretText>,
        data_dir: &Path,
        db: &Db,
    ) -> Result<Self, KeyError> {
        let path = data_dir.join(FILE);
        let kept = match variable {
            Some(text) => Some(from_variable(text)?),
            None => from_file(&path)?,
        };
        let Some(key) = kept else {
            return Self::create(&path, db).await;
        };
        let key = Self::new(key);
        key.check(db).await?;
        Ok(key)
    }

    /// Creates the file, for a database that has no secrets yet.
    async fn create(path: &Path, db: &Db) -> Result<Self, KeyError> {
        if has_secrets(db).await? {
            return Err(KeyError::Missing(path.to_owned()));
        }
        create_file(path)?;
        let key = from_file(path)?.ok_or_else(|| KeyError::Missing(path.to_owned()))?;
        let key = Self::new(key);
        match key.check(db).await {
            // Another server on the same database was faster, and its key counts. This file
            // must go, so that nobody takes it for the right one.
            Err(KeyError::Wrong(_)) => {
                std::fs::remove_file(path).map_err(failed(path))?;
                Err(KeyError::Missing(path.to_owned()))
            }
            checked => checked.map(|()| key),
        }
    }

    /// A key that nothing else uses, for tests.
    #[doc(hidden)]
    pub fn random() -> Self {
        Self::new(Zeroizing::new(random::bytes()))
    }

    fn new(key: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let cipher = Cipher::new(&key);
        Self { cipher, key }
    }

    /// Derives a key for one purpose, always the same one.
    ///
    /// It reveals nothing of the master key or of the key for another purpose.
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; KEY_BYTES]> {
        let hash = Sha256::new()
            .chain_update(DERIVED)
            .chain_update(self.key.as_slice())
            .chain_update(purpose)
            .finalize();
        Zeroizing::new(hash.into())
    }

    /// Seals a value that clients hold and return unchanged. The place states its purpose.
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        self.cipher.seal(place.as_bytes(), plain)
    }

    /// Opens a value that [`Self::seal`] sealed for the same place.
    ///
    /// # Errors
    /// [`OpenFailed`] for anything else.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenFailed> {
        self.cipher.open(place.as_bytes(), sealed)
    }

    /// Creates a new data key, sealed for its workspace.
    pub fn new_data_key(&self, workspace_id: WorkspaceId) -> Vec<u8> {
        let key = Zeroizing::new(random::bytes::<KEY_BYTES>());
        self.cipher.seal(&place(workspace_id), key.as_slice())
    }

    /// Opens a workspace's data key.
    ///
    /// # Errors
    /// [`OpenFailed`] when it is another workspace's or was sealed under another master key.
    pub fn open_data_key(
        &self,
        workspace_id: WorkspaceId,
        sealed: &[u8],
    ) -> Result<DataKey, OpenFailed> {
        let key = self.cipher.open(&place(workspace_id), sealed)?;
        let key = <&[u8; KEY_BYTES]>::try_from(key.as_slice()).map_err(|_| OpenFailed)?;
        Ok(DataKey(Cipher::new(key)))
    }

    async fn check(&self, db: &Db) -> Result<(), KeyError> {
        if let Some((canary,)) = fetch_optional!(db, (String,), GET_CANARY, CANARY)? {
            return self.check_canary(&canary);
        }
        for (workspace_id, sealed) in fetch_all!(db, (Uuid, Vec<u8>), DATA_KEYS)? {
            self.open_data_key(workspace_id.into(), &sealed)
                .map_err(KeyError::Wrong)?;
        }
        let canary = BASE64_STANDARD.encode(self.cipher.seal(CANARY.as_bytes(), CANARY_TEXT));
        db.write(async |tx| {
            execute!(tx, PUT_CANARY, CANARY, canary)?;
            Ok::<_, StoreError>(Commit(()))
        })
        .await?;
        // If two servers start at once, the first one's canary stays; the other server must
        // match it.
        match fetch_optional!(db, (String,), GET_CANARY, CANARY)? {
            Some((canary,)) => self.check_canary(&canary),
            None => Err(StoreError::NotFound.into()),
        }
    }

    fn check_canary(&self, canary: &str) -> Result<(), KeyError> {
        let sealed = BASE64_STANDARD.decode(canary).unwrap_or_default();
        self.cipher
            .open(CANARY.as_bytes(), &sealed)
            .map_err(KeyError::Wrong)?;
        Ok(())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden master key]")
    }
}

/// The associated data that binds a data key to its workspace.
fn place(workspace_id: WorkspaceId) -> Vec<u8> {
    [workspace_id.uuid().as_bytes(), b"data_key".as_slice()].concat()
}

fn from_variable(text: &SecretText) -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyError> {
    let bytes = Zeroizing::new(
        BASE64_STANDARD
            .decode(text.expose().trim())
            .unwrap_or_default(),
    );
    to_key(&bytes).ok_or_else(|| {
        KeyError::Malformed(
            "BERTH_MASTER_KEY".to_owned(),
            " in base64; generate one with: openssl rand -base64 32",
        )
    })
}

/// Reads the key file; `None` if there is none.
fn from_file(path: &Path) -> Result<Option<Zeroizing<[u8; KEY_BYTES]>>, KeyError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path)(error)),
    };
    if !private_files::is_private(path).map_err(failed(path))? {
        return Err(KeyError::TooOpen(path.to_owned()));
    }
    match to_key(&bytes) {
        None => Err(KeyError::Malformed(path.display().to_string(), "")),
        key => Ok(key),
    }
}

fn create_file(path: &Path) -> Result<(), KeyError> {
    let key = Zeroizing::new(random::bytes::<KEY_BYTES>());
    match private_files::create_private_file(path, key.as_slice()) {
        Ok(()) => {
            tracing::info!(
                path = %path.display(),
                "created the master key; keep a copy of it, separate from the database backups"
            );
            Ok(())
        }
        // Another process was faster; its key counts.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(path)(error)),
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> KeyError + '_ {
    |source| KeyError::File {
        path: path.to_owned(),
        source,
    }
}

/// True if the database holds anything sealed under a master key.
async fn has_secrets(db: &Db) -> Result<bool, StoreError> {
    let canary = fetch_optional!(db, (String,), GET_CANARY, CANARY)?;
    Ok(canary.is_some() || !fetch_all!(db, (Uuid, Vec<u8>), DATA_KEYS)?.is_empty())
}

fn to_key(bytes: &[u8]) -> Option<Zeroizing<[u8; KEY_BYTES]>> {
    bytes.try_into().ok().map(Zeroizing::new)
}
