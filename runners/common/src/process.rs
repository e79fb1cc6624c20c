//! Processes of this machine, for runners whose platform is the machine itself.
//!
//! Each instance is a [folder](ProcessFolder), named by its [`InstanceKey`](crate::InstanceKey),
//! and that is all that is remembered of it:
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
//!
//! Several instances share the machine's ports, so each gets ports of its own with every start:
//! `PORT` is where to answer HTTP, `PORT_<number>` belongs to each port of its specification.
//! `BERTH_ROOT` says where its `root/` is. Of the runner's own environment it gets nothing.
//!
//! Nothing here isolates one process from another; a runner that needs that runs a program that
//! does, for example one virtual machine for each instance.
//!
//! Folders are small and local, so that reading and writing them does not wait.

#![expect(
    clippy::disallowed_types,
    reason = "programs are what these runners run; no shell is among them"
)]

mod exec;
mod folder;
mod id;
mod lines;
mod machine;
mod operate;
mod plan;
mod supervise;
mod usage;

pub use {folder::ProcessFolder, machine::machine_info, supervise::supervise};
