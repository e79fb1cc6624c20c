//! Passwords: argon2id, on blocking threads, a few at a time.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, Output, PasswordHash, SaltString},
};
use tokio::{
    sync::{AcquireError, Semaphore},
    task::JoinError,
};
use zeroize::Zeroizing;

use crate::{config, random};

/// The salt length that RFC 9106 §3.1 recommends for passwords.
const SALT_BYTES: usize = 16;

/// Hashes and checks passwords; cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    /// Limits concurrent hashes: more would only starve other work.
    ///
    /// Each takes memory and a processor.
    permits: Arc<Semaphore>,
    /// The hash to check a password against when no account has the email address.
    dummy: Arc<str>,
}

/// The failure to hash or check a password.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The configured cost is outside argon2's range.
    #[error("argon2 does not accept the settings in [password]: {0}")]
    Cost(argon2::Error),
    /// A hash could not be computed or parsed.
    #[error("failed to compute or verify a password hash: {0}")]
    Hash(password_hash::Error),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping(#[from] AcquireError),
    /// The hashing thread ended.
    #[error("hashing a password failed")]
    Thread(#[from] JoinError),
}

impl Passwords {
    /// Creates a hasher with the configured cost.
    ///
    /// # Errors
    /// When the cost is outside argon2's range.
    pub fn new(config: &config::Password) -> Result<Self, PasswordError> {
        let params = Params::new(
            config.memory_kib,
            config.iterations,
            config.parallelism,
            None,
        )
        .map_err(PasswordError::Cost)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let dummy = nobody(&argon2)?;
        Ok(Self {
            argon2,
            permits: Arc::new(Semaphore::new(config.concurrent_hashes.get())),
            dummy: dummy.into(),
        })
    }

    /// Hashes a password, with a new salt and the cost inside the hash.
    ///
    /// # Errors
    /// See [`PasswordError`].
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = Zeroizing::new(password.to_owned());
        let argon2 = self.argon2.clone();
        self.run(move || hash(&argon2, password.as_bytes())).await
    }

    /// Checks a password against a hash.
    ///
    /// Without a hash, because no account has the address, it takes as long and returns false,
    /// so that the timing does not reveal which accounts exist.
    ///
    /// # Errors
    /// See [`PasswordError`]; a wrong password is not an error.
    pub async fn verify(&self, password: &str, kept: Option<&str>) -> Result<bool, PasswordError> {
        let is_known = kept.is_some();
        let kept = kept.unwrap_or(&self.dummy).to_owned();
        let password = Zeroizing::new(password.to_owned());
        let argon2 = self.argon2.clone();
        let is_right = self
            .run(move || verify(&argon2, password.as_bytes(), &kept))
            .await?;
        Ok(is_right && is_known)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let permit = self.permits.clone().acquire_owned().await?;
        crate::blocking::run(move || {
            let result = work();
            // Dropped inside the closure, because a canceled caller does not stop the thread.
            drop(permit);
            result
        })
        .await?
    }
}

/// A hash that no password has.
///
/// Its cost is the configured one, so a check against it takes as long as any other. It is made
/// without hashing, so that a server starts fast.
fn nobody(argon2: &Argon2<'_>) -> Result<String, PasswordError> {
    let salt =
        SaltString::encode_b64(&random::bytes::<SALT_BYTES>()).map_err(PasswordError::Hash)?;
    let output = Output::new(&random::bytes::<{ Params::DEFAULT_OUTPUT_LEN }>());
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: argon2.params().try_into().map_err(PasswordError::Hash)?,
        salt: Some(salt.as_salt()),
        hash: Some(output.map_err(PasswordError::Hash)?),
    };
    Ok(hash.to_string())
}

fn hash(argon2: &Argon2<'_>, password: &[u8]) -> Result<String, PasswordError> {
    let salt =
        SaltString::encode_b64(&random::bytes::<SALT_BYTES>()).map_err(PasswordError::Hash)?;
    let hash = argon2
        .hash_password(password, &salt)
        .map_err(PasswordError::Hash)?;
    Ok(hash.to_string())
}

/// Checks with the hash's own cost, which may be older than the configured one.
fn verify(argon2: &Argon2<'_>, password: &[u8], kept: &str) -> Result<bool, PasswordError> {
    let kept = PasswordHash::new(kept).map_err(PasswordError::Hash)?;
    match argon2.verify_password(password, &kept) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::Password) => Ok(false),
        Err(error) => Err(PasswordError::Hash(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use futures::FutureExt;

    use super::{PasswordError, Passwords};
    use crate::config;

    fn passwords(memory_kib: u32) -> Result<Passwords, PasswordError> {
        Passwords::new(&config::Password {
            memory_kib,
            iterations: 1,
            parallelism: 1,
            concurrent_hashes: NonZeroUsize::MIN,
        })
    }

    #[tokio::test]
    async fn only_the_right_password_is_taken() {
        let passwords = passwords(64).unwrap();
        let kept = passwords.hash("correct horse").await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{kept}");
        assert_ne!(kept, passwords.hash("correct horse").await.unwrap());
        assert!(
            passwords
                .verify("correct horse", Some(&kept))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse ", Some(&kept))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("", Some(&kept)).await.unwrap());
    }

    #[tokio::test]
    async fn an_unknown_account_costs_as_much_as_a_wrong_password() {
        let passwords = passwords(64).unwrap();
        let kept = passwords.hash("x").await.unwrap();
        let cost = |hash: &str| hash.split('$').nth(3).unwrap().to_owned();
        assert_eq!(cost(&passwords.dummy), cost(&kept));
        assert!(!passwords.verify("anything", None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_of_an_older_cost_still_counts() {
        let kept = passwords(32).unwrap().hash("x").await.unwrap();
        assert!(
            passwords(64)
                .unwrap()
                .verify("x", Some(&kept))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn a_caller_that_goes_away_does_not_keep_the_permit() {
        let passwords = passwords(64).unwrap();
        for _ in 0..3 {
            drop(passwords.hash("x").now_or_never());
        }
        passwords.hash("x").await.unwrap();
    }

    #[tokio::test]
    async fn an_invalid_hash_is_an_error_and_not_a_wrong_password() {
        let passwords = passwords(64).unwrap();
        assert!(passwords.verify("x", Some("plain text")).await.is_err());
    }

    #[test]
    fn an_impossible_cost_is_refused() {
        assert!(matches!(passwords(1), Err(PasswordError::Cost(_))));
    }
}
