//! The runner on real processes.

#![expect(
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "tests, and what they are made of, speak by panics"
)]

#[path = "process/host.rs"]
mod host;
#[path = "process/instances.rs"]
mod instances;
#[path = "process/program.rs"]
mod program;
#[path = "process/programs.rs"]
mod programs;
#[path = "process/size.rs"]
mod size;

use host::TestHost;

runner_common::conformance_tests!(async { Some(TestHost::new()) });
