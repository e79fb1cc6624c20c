//! Logs: how lines come, how they are kept and read, and how long they stay.

mod download;
mod keeping;
mod model;
mod page;
mod reading;
mod stage;
mod whole_way;
