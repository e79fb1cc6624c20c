//! Log lines of instances.

use serde::{Deserialize, Serialize};

use crate::{InstanceId, time::Timestamp};

/// The output stream of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A line that an instance printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogLine {
    /// The position in the deployment's log. It grows with every line, and may skip numbers.
    pub position: i64,
    /// The instance that printed it.
    pub instance_id: InstanceId,
    /// The time at which it was printed, by the clock of the runner's host.
    pub at: Timestamp,
    /// The output stream.
    pub stream: LogStream,
    /// The printed text, without the line end. Invalid UTF-8 is replaced.
    ///
    /// It contains colors and cursor movements as escape sequences.
    pub text: String,
    /// True if the line was longer than 256 KiB. It continues in the next line of its stream.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}
