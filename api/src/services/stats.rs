//! Stats: resource use of instances, from intake through rollup to retention.
//!
//! All of it is best effort: a lost sample is a gap in a chart and nothing else.

mod intake;
mod purge;
mod read;
mod trends;
mod upkeep;

pub use intake::{Intake, take};
pub use purge::purge;
pub use read::get;
pub use trends::{TRENDS_TTL_MS, trends};
pub use upkeep::{UPKEEP_EVERY_MS, upkeep};
