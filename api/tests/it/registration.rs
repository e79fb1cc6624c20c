//! Registration of runners: user codes, decisions, and abuse.

mod answers;
mod guesses;
mod whole_way;
