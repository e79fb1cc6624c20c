//! Fuzz targets for everything that reads untrusted input.
//!
//! A [`Target`] takes any bytes, and panics if an invariant does not hold. Inputs come from a
//! corpus, `xtask/fuzz/corpus/<target>`, which keeps every case ever found, and from mutations
//! and mixtures of those. The targets share a dictionary of texts that are significant to some
//! reader. The tests try the corpus and a few thousand more inputs; `cargo xtask fuzz <target>
//! --seconds N` runs for a given time.
//!
//! The fuzzer runs on stable Rust. It does not see which code an input reaches, so the seeds
//! must reach all of it: there is at least one for every kind of input of a target.

mod corpus;
mod mutate;
mod random;
mod run;
mod target;

pub use {
    corpus::Corpus,
    run::{Found, run},
    target::{TARGETS, Target},
};
