//! Storage of the token that a runner made for itself.
//!
//! The server accepts the token in a file named `token`. Until that is known, the file is named
//! `token.pending`: a restarted runner requests registration with the same token, so an approval
//! that it did not hear of is not lost.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
};

use models::value::SecretText;
use sha2::{Digest, Sha256};

use super::RegistrationError;
use crate::state::StateDir;

/// File of a token that the server accepts.
const SAVED: &str = "token";
/// File of a token that is not approved yet.
const PENDING: &str = "token.pending";
/// Name of [`PENDING`] in earlier versions.
const PENDING_BEFORE: &str = "token.asked";
/// Prefix of every runner token.
const PREFIX: &str = "berth_runner_";
/// Size of the token; as many bits as the hash that the server keeps.
const TOKEN_BYTES: usize = 32;
/// Upper bound of the file's size.
const MAX_BYTES: u64 = 1_000;
/// Permission bits of everyone but the owner.
const OTHERS: u32 = 0o077;

/// The token's file. It locks the folder, so that no second process registers the same token.
#[derive(Debug)]
pub(super) struct TokenFile {
    folder: PathBuf,
    disk: StateDir,
}

impl TokenFile {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            disk: StateDir::new(folder.clone()),
            folder,
        }
    }

    /// Returns the token that the server accepts, if there is one.
    pub(super) async fn saved(&mut self) -> Result<Option<SecretText>, RegistrationError> {
        let taken = self.disk.lock_with_retry().await;
        taken.map_err(|source| self.failed(SAVED, source))?;
        self.read(SAVED)
    }

    /// Returns the token to register: the previous one, else a new one.
    pub(super) fn pending(&mut self) -> Result<SecretText, RegistrationError> {
        self.adopt_earlier_file()?;
        if let Some(token) = self.read(PENDING)? {
            return Ok(token);
        }
        let mut secret = zeroize::Zeroizing::new([0; TOKEN_BYTES]);
        let made = getrandom::fill(secret.as_mut_slice()).map_err(io::Error::other);
        made.map_err(|source| self.failed(PENDING, source))?;
        let token = SecretText::new(format!("{PREFIX}{}", hex(secret.as_slice())));
        let written = self.disk.write_file(PENDING, token.expose().as_bytes());
        written.map_err(|source| self.failed(PENDING, source))?;
        Ok(token)
    }

    /// Renames the file that an earlier version left.
    fn adopt_earlier_file(&self) -> Result<(), RegistrationError> {
        let [before, pending] = [PENDING_BEFORE, PENDING].map(|name| self.folder.join(name));
        match fs::rename(before, pending) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed(PENDING, error))
            }
            _ => Ok(()),
        }
    }

    /// Marks the token as accepted.
    pub(super) fn keep(&self) -> Result<(), RegistrationError> {
        let [pending, saved] = [PENDING, SAVED].map(|name| self.folder.join(name));
        fs::rename(pending, saved)
            .and_then(|()| File::open(&self.folder)?.sync_all())
            .map_err(|source| self.failed(SAVED, source))
    }

    /// Drops the token after a denial.
    pub(super) fn forget(&self) -> Result<(), RegistrationError> {
        fs::remove_file(self.folder.join(PENDING)).map_err(|source| self.failed(PENDING, source))
    }

    fn read(&self, name: &str) -> Result<Option<SecretText>, RegistrationError> {
        let read = || {
            let file = match File::open(self.folder.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                opened => opened?,
            };
            if file.metadata()?.permissions().mode() & OTHERS != 0 {
                return Err(io::Error::other(
                    "other users can read it; run chmod 600 on it",
                ));
            }
            let mut text = String::new();
            file.take(MAX_BYTES).read_to_string(&mut text)?;
            match text.trim().strip_prefix(PREFIX) {
                Some(secret) if !secret.is_empty() => Ok(Some(SecretText::new(text.trim()))),
                _ => Err(io::Error::other(
                    "it contains no token; remove it, and the runner creates another one",
                )),
            }
        };
        read().map_err(|source| self.failed(name, source))
    }

    fn failed(&self, name: &str, source: io::Error) -> RegistrationError {
        RegistrationError::Token {
            path: self.folder.join(name),
            source,
        }
    }
}

/// Returns the hash that the server keeps of a token.
pub(super) fn hash(token: &SecretText) -> Vec<u8> {
    Sha256::digest(token.expose()).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    use super::{TokenFile, hash};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn a_token_is_asked_with_until_it_is_accepted_and_then_kept() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("state");
        let mut file = TokenFile::new(folder.clone());
        assert!(file.saved().await.unwrap().is_none());
        let token = file.pending().unwrap();
        assert!(token.expose().starts_with("berth_runner_") && token.expose().len() == 77);
        assert_eq!(
            (mode(&folder), mode(&folder.join("token.pending"))),
            (0o700, 0o600)
        );
        drop(file);

        let mut again = TokenFile::new(folder.clone());
        assert!(
            again.saved().await.unwrap().is_none(),
            "nobody accepted it yet"
        );
        assert_eq!(again.pending().unwrap(), token);
        again.keep().unwrap();
        assert_eq!(again.saved().await.unwrap(), Some(token.clone()));
        assert_eq!(mode(&folder.join("token")), 0o600);
        assert!(!folder.join("token.pending").exists());
        assert_eq!(hash(&token).len(), 32);
    }

    #[tokio::test]
    async fn a_token_that_an_earlier_version_left_is_used() {
        let place = tempfile::tempdir().unwrap();
        let mut file = TokenFile::new(place.path().to_owned());
        file.saved().await.unwrap();
        let token = file.pending().unwrap();
        let [before, pending] =
            ["token.asked", "token.pending"].map(|name| place.path().join(name));
        fs::rename(&pending, &before).unwrap();
        assert_eq!(file.pending().unwrap(), token);
        assert!(!before.exists() && pending.exists());
    }

    #[tokio::test]
    async fn another_token_follows_one_that_was_denied() {
        let place = tempfile::tempdir().unwrap();
        let mut file = TokenFile::new(place.path().to_owned());
        file.saved().await.unwrap();
        let denied = file.pending().unwrap();
        file.forget().unwrap();
        assert_ne!(file.pending().unwrap(), denied);
    }

    #[tokio::test]
    async fn a_token_that_others_can_read_or_that_is_none_is_not_used() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("token");
        fs::write(&path, "berth_runner_x\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let mut file = TokenFile::new(place.path().to_owned());
        let error = file.saved().await.unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(
            file.saved().await.unwrap().unwrap().expose(),
            "berth_runner_x"
        );
        fs::write(&path, "").unwrap();
        let error = file.saved().await.unwrap_err().to_string();
        assert!(error.contains("contains no token"), "{error}");
    }

    #[tokio::test]
    async fn two_processes_do_not_ask_with_one_token() {
        let place = tempfile::tempdir().unwrap();
        let mut first = TokenFile::new(place.path().to_owned());
        first.saved().await.unwrap();
        let error = TokenFile::new(place.path().to_owned())
            .saved()
            .await
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("another runner is using the folder"),
            "{error}"
        );
    }
}
