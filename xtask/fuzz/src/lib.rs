//! Fuzz targets for everything that reads what others wrote.
//!
//! A [`Target`] takes any bytes, and breaks when something that must always hold does not. Inputs
//! come from a corpus, `xtask/fuzz/corpus/<target>`, where every case that was ever found is kept, and
//! from changing and mixing those; what the targets have in common is a dictionary of texts that
//! mean something to some reader. The tests try the corpus and a few thousand inputs more;
//! `cargo xtask fuzz <target> --seconds N` goes on for as long as it is told.
//!
//! It runs on stable Rust. It does not see which code an input reaches, so the seeds must reach it
//! all: there is one at least of every kind of thing that a target reads.

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
