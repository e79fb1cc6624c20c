//! What instances use: how it comes, how long it stays, and whose word counts.

mod keeping;
mod reading;
mod stage;
mod taking;
mod trends;
