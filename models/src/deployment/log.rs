//! Lines that instances print.

use serde::{Deserialize, Serialize};

use crate::{InstanceId, time::Timestamp};

/// Where an instance printed a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// One line that an instance printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LogLine {
    /// Its place in the deployment's log; grows with every line, may leave gaps.
    pub position: i64,
    /// The instance that printed it.
    pub instance_id: InstanceId,
    /// When it was printed, by the clock of the runner's machine.
    pub at: Timestamp,
    /// Where it was printed.
    pub stream: LogStream,
    /// The text that was printed, without the line's end; bytes that are no UTF-8 are replaced.
    /// Colours and cursor movements are in it as escape sequences.
    pub text: String,
    /// Whether the line was longer than 256 KiB and goes on in the next line of its stream.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cut: bool,
}
