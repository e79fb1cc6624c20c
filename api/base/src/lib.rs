//! The ground floor of the server, below its database and its jobs.
//!
//! It has what they take from the operating system: time, randomness, threads, private files.
//! Tests and the simulation replace the clock and the threads here, for all layers at once.

pub mod blocking;
pub mod clock;
pub mod ids;
pub mod private_files;
pub mod random;
pub mod server_id;
