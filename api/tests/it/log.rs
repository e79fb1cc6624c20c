//! Logs: ingestion, storage, queries and retention.

mod download;
mod end_to_end;
mod fixture;
mod keeping;
mod model;
mod page;
mod reading;
