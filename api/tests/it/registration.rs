//! Registration of runners: user codes, decisions, and abuse.

mod answers;
mod end_to_end;
mod guesses;
