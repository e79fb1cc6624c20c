//! The desired state saved on this host, to reconcile without the server.
//!
//! One sealed file holds the runner's id, the highest epoch seen and every workload. It is a
//! copy: the server's word always replaces it, and a file that does not open counts as missing.
//! Its content may be a second old, so workloads that it does not name are left alone rather
//! than removed.

mod disk;
mod file_content;
mod folder;
mod keeper;
#[cfg(feature = "conformance")]
mod kept;
mod key;
mod memory;

#[cfg(feature = "conformance")]
pub use self::kept::kept;
pub(crate) use self::{disk::Disk, keeper::Keeper, memory::Memory};
pub use self::{folder::StateFolder, key::StateKey};

#[cfg(test)]
mod tests;
