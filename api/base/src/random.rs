//! Randomness from the operating system, and opaque tokens made from it.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The token's length: the bits of its stored hash, beyond the reach of guessing.
const TOKEN_BYTES: usize = 32;

/// Returns fresh random bytes.
///
/// # Panics
/// When the operating system has none; then nothing here may continue.
#[expect(
    clippy::expect_used,
    reason = "without randomness every secret would be worthless"
)]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Returns a number in `0..end`, slightly uneven: for jitter, not for secrets.
pub fn below(end: u64) -> u64 {
    u64::from_le_bytes(bytes()) % end.max(1)
}

/// Returns random letters of an alphabet, all equally likely.
pub fn letters<const N: usize>(alphabet: &[u8]) -> [u8; N] {
    // Values above the largest multiple of the alphabet's length would favor its first letters.
    let even = usize::from(u8::MAX) / alphabet.len() * alphabet.len();
    std::array::from_fn(|_| {
        loop {
            let [byte] = bytes::<1>();
            if usize::from(byte) < even {
                return alphabet[usize::from(byte) % alphabet.len()];
            }
        }
    })
}

/// A bearer token. The server stores only its hash.
pub struct Token(Zeroizing<String>);

impl Token {
    /// Generates a new token.
    ///
    /// The prefix states its purpose, for people and for tools that look for leaked secrets; it
    /// begins with `berth_` and ends with `_`.
    pub fn generate(prefix: &str) -> Self {
        let bytes = Zeroizing::new(bytes::<TOKEN_BYTES>());
        let secret = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        Self(Zeroizing::new(format!("{prefix}{}", secret.as_str())))
    }

    /// The token in clear, to be shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The hash to store.
    pub fn hash(&self) -> TokenHash {
        Self::hash_of(&self.0)
    }

    /// Hashes a presented token. A fast hash is right here: unlike a password, a token cannot
    /// be guessed.
    pub fn hash_of(presented: &str) -> TokenHash {
        TokenHash(Sha256::digest(presented).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden token]")
    }
}

/// The SHA-256 of a token, to store and to look up by equality.
///
/// The timing of a lookup may reveal how much of a hash is right, but never the token.
#[derive(Clone, Copy, Debug)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash, for a binary column.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

#[cfg(test)]
mod tests {
    use super::{Token, letters};

    #[test]
    fn letters_are_of_the_alphabet_and_all_of_it_is_used() {
        let many: [u8; 4_000] = letters(b"BCDFGHJKLMNPQRSTVWXZ");
        let mut counts = [0_u32; 256];
        for letter in many {
            counts[usize::from(letter)] += 1;
        }
        assert_eq!(counts.iter().filter(|count| **count > 0).count(), 20);
        // Each letter is expected 200 times; ten standard deviations are no accident.
        assert!(
            b"BCDFGHJKLMNPQRSTVWXZ"
                .iter()
                .all(|l| (60..340).contains(&counts[usize::from(*l)]))
        );
    }

    #[test]
    fn a_token_is_known_by_its_hash_alone() {
        let token = Token::generate("berth_test_");
        let secret = token.expose().strip_prefix("berth_test_").unwrap();
        assert_eq!(secret.len(), 43);
        assert_eq!(Token::hash_of(token.expose()), token.hash());
        assert_ne!(Token::hash_of(secret), token.hash());
        assert_ne!(Token::hash_of(""), token.hash());
        assert_ne!(Token::generate("berth_test_").hash(), token.hash());
        assert!(!format!("{token:?}").contains(secret));
    }

    #[test]
    fn a_hash_is_sha_256() {
        // FIPS 180-2, appendix B.1.
        let known = [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea];
        assert_eq!(Token::hash_of("abc").as_bytes()[..8], known);
    }
}
