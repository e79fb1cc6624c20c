//! The desired state saved on this host, to reconcile without the server.
//!
//! One sealed file holds the runner's id, the highest epoch seen and every workload. It is a
//! copy: the server's word always replaces it, and a file that does not open counts as missing.
//! Its content may be a second old, so workloads that it does not name are left alone rather
//! than removed.

mod desired_cache;
mod dir;
mod file_content;
mod folder;
#[cfg(feature = "conformance")]
mod inspect;
mod key;
mod store;

#[cfg(feature = "conformance")]
pub use self::inspect::read_state;
pub(crate) use self::{
    desired_cache::DesiredCache, dir::StateDir, file_content::BegunAttempt, store::StateStore,
};
pub use self::{folder::StateFolder, key::StateKey};

#[cfg(test)]
mod tests;
