//! Encryption with one key. Its format is version, nonce, ciphertext with its tag.

use chacha20poly1305::{
    Key, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

use crate::random;

/// The length of every key.
pub(super) const KEY_BYTES: usize = 32;
/// The length of an `XChaCha20` nonce.
const NONCE_BYTES: usize = 24;
/// The first byte of every sealed value, so that other formats can follow.
const VERSION: u8 = 1;

/// A sealed value did not open: another key sealed it, or it was changed or moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot open a sealed value; it was sealed with another key, or it is corrupted")]
pub struct OpenFailed;

/// A key. It is wiped from memory on drop.
#[derive(Clone)]
pub(super) struct Cipher(XChaCha20Poly1305);

impl Cipher {
    pub(super) fn new(key: &[u8; KEY_BYTES]) -> Self {
        Self(XChaCha20Poly1305::new(Key::from_slice(key)))
    }

    /// Seals a value, bound to its place.
    #[expect(
        clippy::expect_used,
        reason = "the cipher refuses only texts of more than 256 GiB, which no memory here holds"
    )]
    pub(super) fn seal(&self, place: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce = random::bytes::<NONCE_BYTES>();
        let place = versioned(place);
        let payload = Payload {
            msg: plain,
            aad: &place,
        };
        let ciphertext = self
            .0
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("the value is shorter than 256 GiB");
        [&[VERSION], nonce.as_slice(), &ciphertext].concat()
    }

    /// Opens a value that [`Self::seal`] sealed for the same place.
    pub(super) fn open(
        &self,
        place: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenFailed> {
        let (version, rest) = sealed.split_first().ok_or(OpenFailed)?;
        let (nonce, ciphertext) = rest.split_at_checked(NONCE_BYTES).ok_or(OpenFailed)?;
        if *version != VERSION {
            return Err(OpenFailed);
        }
        let place = versioned(place);
        let payload = Payload {
            msg: ciphertext,
            aad: &place,
        };
        let plain = self.0.decrypt(XNonce::from_slice(nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| OpenFailed)
    }
}

/// The associated data: the tag protects the version too.
fn versioned(place: &[u8]) -> Vec<u8> {
    [&[VERSION], place].concat()
}
