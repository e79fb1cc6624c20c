//! Secrets at rest, under envelope encryption.
//!
//! The master key, which is outside the database, seals one data key per workspace; the data
//! key seals the values. All sealing uses XChaCha20-Poly1305, whose nonces are long enough to
//! be random, and binds a value to its place: moved to another row, it does not open. A value
//! that does not open is an error, never an empty value.

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
