//! Logs: ingestion, storage, queries and retention.

mod download;
mod keeping;
mod model;
mod page;
mod reading;
mod stage;
mod whole_way;
