//! A runner of plain processes: an example to read, not one for production.
//!
//! **It isolates nothing.** Apps run as the runner's own user, so each can read the runner's
//! token, the other apps' files and environments, and whatever else that user can. They share
//! the host's network, and nothing limits their processor, memory or disk.
//!
//! The image `process/<name>` is the file `<name>` in the folder of programs.
//! `runner_common::process` implements and documents instances.

mod programs;
mod runner;

pub use runner::ProcessRunner;
