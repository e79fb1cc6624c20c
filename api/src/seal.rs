//! Secrets at rest: a master key outside the database, a data key for each workspace under it,
//! and the sealed values under that.
//!
//! Everything is sealed with XChaCha20-Poly1305, whose nonces are long enough to be random, and
//! bound to the place where it belongs: a value that is moved to another row does not open. What
//! does not open is an error, never an empty value.

mod cipher;
mod data_key;
mod master_key;

#[cfg(test)]
mod tests;

pub use cipher::OpenFailed;
pub use data_key::{Context, DataKey};
pub use master_key::{KeyError, MasterKey};

#[cfg(test)]
pub(crate) use master_key::ALL;
