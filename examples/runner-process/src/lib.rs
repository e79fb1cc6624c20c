//! A runner of plain processes: an example to read, not one for production.
//!
//! **It isolates nothing.** Apps run as the runner's own user, so each can read the runner's
//! token, the other apps' files and environments, and whatever else that user can; they share the
//! machine's network, and nothing limits their processor, memory or disk.
//!
//! The image `process/<name>` is the file `<name>` in the folder of programs; what an instance is
//! on the machine, `runner_common::process` says and does.

mod programs;
mod runner;

pub use runner::ProcessRunner;
