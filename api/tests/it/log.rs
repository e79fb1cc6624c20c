//! Logs: ingestion, storage, queries and retention.

mod download;
mod end_to_end;
mod keeping;
mod model;
mod reading;
