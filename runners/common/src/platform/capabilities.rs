//! Capabilities: abilities that not every platform has.

use models::runner::RunnerInfo;

/// The optional abilities of a platform.
///
/// Operations behind a missing one are never called, and people are told before they try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an ability of its own, in any combination"
)]
pub struct Capabilities {
    /// True if it keeps volumes.
    pub volumes: bool,
    /// True if it can ask registries for the meaning of a tag.
    pub tags: bool,
    /// True if it runs tasks to their end.
    pub runs: bool,
    /// True if the instances of an environment share a private network.
    pub private_networks: bool,
    /// True if a program inside an instance can have a terminal.
    pub terminals: bool,
}

impl Capabilities {
    /// Adds the capabilities to the facts that the server is told.
    pub(crate) fn added_to(self, fingerprint: RunnerInfo) -> RunnerInfo {
        RunnerInfo {
            volumes: self.volumes,
            tags: self.tags,
            runs: self.runs,
            private_networks: self.private_networks,
            ..fingerprint
        }
    }
}
