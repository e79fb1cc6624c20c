//! Logs: kept in the order in which lines come, each one once, the oldest forgotten first.
//!
//! Lines lie in segments, many in one compressed row. Each batch of a runner becomes a small open
//! segment; a job puts open segments that lie next to each other together, and closes what has
//! grown large enough. A line is in exactly one segment at any time. Whoever reads goes from
//! segment to segment by position and holds the lines of one at a time.

mod append;
mod compact;
mod download;
mod filter;
mod purge;
mod read;
mod retain;
mod segment;

pub use append::append;
pub use compact::compact;
pub use download::download;
pub use purge::purge;
pub use read::{Following, Room, end, following, list, list_within};
pub use retain::{UPKEEP_EVERY_MS, upkeep};

/// A segment is closed when it has so many bytes, uncompressed: enough to compress well, and little
/// enough to be read within a millisecond or two.
const SEGMENT_BYTES: i64 = 256 * 1024;

/// Open segments are put together when they have so many bytes.
const MOST_OPEN_BYTES: i64 = 4 * SEGMENT_BYTES;

/// Open segments are put together when there are so many: somebody who reads meets each of them.
const MOST_OPEN_SEGMENTS: i64 = 64;
