//! How many instances of a deployment there should be, when that follows what they use.
//!
//! The server decides, because it has what was measured; the runner makes it true, and keeps the
//! last number while the server is away. Nothing is remembered between two decisions but the number
//! itself: all else is read from the samples, so a restart of the server changes nothing.

mod decide;
mod follow;
mod measure;
mod read;

#[cfg(test)]
mod tests;

pub use follow::follow_all;
pub use read::list;
