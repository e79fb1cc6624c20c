//! Instances as processes of this host.
//!
//! For runners whose platform is the host itself. Each instance is a [folder](ProcessFolder),
//! named by its [`InstanceKey`](crate::InstanceKey), and keeps no state elsewhere:
//!
//! | In it | What it is |
//! |---|---|
//! | `plan.json` | what to run; written last, and locked by whoever starts or ends the instance |
//! | `state.json` | who runs since when and on which ports, or how it ended |
//! | `log` | what it printed |
//! | `root/` | where it starts, with its configuration files: `/etc/a` is `root/etc/a` |
//!
//! Every app has a [supervisor](supervise), a process that does not end with the runner: it
//! records the app's output and exit, with or without a runner.
//!
//! Instances share the host's ports, so each gets ports of its own with every start: `PORT` is
//! where to answer HTTP, `PORT_<number>` belongs to each port of its specification.
//! `BERTH_ROOT` is the path of its `root/`. It gets nothing of the runner's own environment.
//!
//! Nothing here isolates one process from another. A runner that needs isolation runs a program
//! that provides it, for example one virtual machine for each instance.
//!
//! Folders are small and local, so reading and writing them does not block for long.

#![expect(
    clippy::disallowed_types,
    reason = "programs are what these runners run; no shell is among them"
)]

mod exec;
mod folder;
mod host;
mod id;
mod lines;
mod operate;
mod plan;
mod supervise;
mod usage;

pub use {folder::ProcessFolder, host::host_info, supervise::supervise};
