//! The key of the copy, and the format of the sealed file.

use std::{fmt, io};

use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use models::value::SecretText;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Separates this key from others that are derived from the same secret.
///
/// The server keeps a plain SHA-256 of every token.
const DOMAIN: &[u8] = b"berth runner state, key 1\0";
/// Magic bytes at the start of the file.
const MAGIC: &[u8] = b"berth-runner-state";
/// Version of the format after the magic bytes.
///
/// Increases whenever an older runner would misread the content.
const VERSION: u8 = 1;
/// Length of an `XChaCha20` nonce, long enough to be random.
const NONCE_BYTES: usize = 24;

/// The key of a runner's copy of the desired state. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct StateKey(Zeroizing<[u8; 32]>);

/// Reasons why a file did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum OpenError {
    /// The magic bytes are missing.
    #[error("it is not a saved state, or it is incomplete")]
    NoSuchFile,
    /// Another version of the program wrote it.
    #[error("it has format version {0}, but this program supports version {VERSION}")]
    Version(u8),
    /// The key is wrong, or the file was altered.
    #[error("it was sealed with another token, or it is corrupted")]
    Sealed,
    /// It opens, but its content is not valid.
    #[error("its contents are not valid")]
    NotUnderstood,
}

impl StateKey {
    /// Derives the key from a secret of at least 128 random bits.
    ///
    /// One hash is enough for those, and too little for a password.
    pub fn from_secret(secret: &[u8]) -> Self {
        let hash = Sha256::new()
            .chain_update(DOMAIN)
            .chain_update(secret)
            .finalize();
        Self(Zeroizing::new(hash.into()))
    }

    /// Derives the key from a runner's token.
    pub fn from_token(token: &SecretText) -> Self {
        Self::from_secret(token.expose().as_bytes())
    }

    /// Seals a content.
    ///
    /// # Errors
    /// When the host gives no random bytes.
    pub(super) fn seal(&self, plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(io::Error::other)?;
        let head = [MAGIC, &[VERSION]].concat();
        let payload = Payload {
            msg: plain,
            aad: &head,
        };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload);
        let sealed = sealed.map_err(|_| io::Error::other("the state is too large to seal"))?;
        Ok([head.as_slice(), &nonce, &sealed].concat())
    }

    /// Opens a file that [`Self::seal`] made.
    pub(super) fn open(&self, file: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let rest = file.strip_prefix(MAGIC).ok_or(OpenError::NoSuchFile)?;
        let (version, rest) = rest.split_first().ok_or(OpenError::NoSuchFile)?;
        if *version != VERSION {
            return Err(OpenError::Version(*version));
        }
        let parts = rest.split_at_checked(NONCE_BYTES);
        let (nonce, sealed) = parts.ok_or(OpenError::NoSuchFile)?;
        let payload = Payload {
            msg: sealed,
            aad: &file[..=MAGIC.len()],
        };
        let plain = self.cipher().decrypt(XNonce::from_slice(nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| OpenError::Sealed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(Key::from_slice(self.0.as_slice()))
    }
}

impl fmt::Debug for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden key]")
    }
}
