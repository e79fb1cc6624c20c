//! Logs: each line stored once, in the order of arrival, the oldest dropped first.
//!
//! Lines are stored in segments, many in one compressed row. Each batch from a runner becomes a
//! small open segment. A job merges adjacent open segments and closes those that are large
//! enough. A line is in exactly one segment at any time. Readers go from segment to segment by
//! position and hold the lines of one at a time.

mod append;
mod compact;
mod download;
mod filter;
mod purge;
mod read;
mod retention;
mod segment;

pub use append::append;
pub use compact::compact;
pub use download::download;
pub use purge::purge;
pub use read::{Following, Room, end, following, list, list_within};
pub use retention::trim;

/// Uncompressed size at which a segment is closed, in bytes.
///
/// Large enough to compress well, and small enough to read within a millisecond or two.
const SEGMENT_BYTES: i64 = 256 * 1024;

/// Total size of open segments that starts a merge, in bytes.
const MOST_OPEN_BYTES: i64 = 4 * SEGMENT_BYTES;

/// Number of open segments that starts a merge.
///
/// A reader meets each of them.
const MOST_OPEN_SEGMENTS: i64 = 64;
