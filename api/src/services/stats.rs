//! Stats: resource use of instances, from ingest through rollup to retention.
//!
//! All of it is best effort: a lost sample is a gap in a chart and nothing else.

mod ingest;
mod purge;
mod read;
mod rollup;
mod trends;

pub use ingest::{Ingester, ingest};
pub use purge::purge;
pub use read::get;
pub use rollup::roll_up_due;
pub use trends::trends;
