//! As much of the Docker Engine API as the tasks need, without the `docker` program.

pub(crate) mod engine;
pub(crate) mod image;
mod tar;
