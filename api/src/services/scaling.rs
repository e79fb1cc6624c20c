//! Autoscaling: instance counts from measurements.
//!
//! The server decides, because it has the measurements. The runner converges, and keeps the
//! last count while the server is away. Only the count itself is stored between two decisions.
//! Everything else is read from the samples, so that a restart of the server changes nothing.

mod autoscale;
mod decide;
mod measure;
mod read;

#[cfg(test)]
mod tests;

pub use autoscale::autoscale_all;
pub use read::list;
