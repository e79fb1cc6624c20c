//! What should be true, kept on this machine, so that it is made true without the server too.
//!
//! One sealed file has the runner's id, the highest epoch seen and every workload. It is a copy:
//! what the server says always takes its place, and a file that does not open is as none. What is
//! in it may be a second old, so what it does not name is left alone rather than removed.

mod content;
mod disk;
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
