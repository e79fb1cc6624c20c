//! A runner of plain processes: an example to read, not one for production.
//!
//! **It isolates nothing.** Apps run as the runner's own user, so each can read the runner's
//! token, the other apps' files and environments, and whatever else that user can; they share the
//! machine's network, and nothing limits their processor, memory or disk.
//!
//! The image `process/<name>` is the file `<name>` in the folder of programs. Each instance is a
//! folder, named by its [`InstanceKey`](runner_common::InstanceKey):
//!
//! | In it | What it is |
//! |---|---|
//! | `plan.json` | what to run; written last, and locked by whoever starts or ends the instance |
//! | `life.json` | who runs since when and on which ports, or how it ended |
//! | `log` | what it printed |
//! | `root/` | where it starts, with its configuration files: `/etc/a` is `root/etc/a` |
//!
//! Every process has a [supervisor](supervise), a process that does not end with the runner: it
//! writes down what the app prints and how it ends, whether there is a runner then or not.

mod exec;
mod folder;
mod lines;
mod process;
mod programs;
mod runner;
mod supervisor;
mod usage;

pub use {runner::ProcessRunner, supervisor::supervise};
