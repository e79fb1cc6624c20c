//! Lines as the platform keeps them.

use models::{deployment::LogStream, time::Timestamp};

/// Where to begin reading an instance's lines.
///
/// Wherever it begins, lines of the same microsecond are never torn apart: a stream that has one
/// of them has all of them. A line's name counts within its microsecond, so that the server can
/// tell a repeated line from a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogStart {
    /// At this moment, or earlier when the platform cannot begin so exactly.
    Since(Timestamp),
    /// About this many lines before the end, and not fewer when there are so many.
    Tail(usize),
}

impl LogStart {
    /// At the first line.
    pub const BEGINNING: Self = Self::Since(Timestamp::from_micros(0));
}

/// A line, or a part of a very long one, as an instance printed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformLine {
    /// When it was printed, by the machine's clock.
    pub at: Timestamp,
    /// Where it was printed.
    pub stream: LogStream,
    /// What was printed, without the line's end.
    pub bytes: Vec<u8>,
}
