//! What instances use: taken from runners, summed up, forgotten, and read.
//!
//! Everything is best effort: a sample that is lost is a gap in a line and nothing else.

mod intake;
mod purge;
mod read;
mod trends;
mod upkeep;

pub use intake::{Intake, take};
pub use purge::purge;
pub use read::get;
pub use trends::{TRENDS_FRESH_MS, trends};
pub use upkeep::{UPKEEP_EVERY_MS, upkeep};
