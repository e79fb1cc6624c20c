//! Minimal client of the Docker Engine API, without the `docker` program.

pub mod engine;
pub(crate) mod image;
mod tar;
