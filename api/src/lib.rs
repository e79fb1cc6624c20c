//! The Berth server: the API, the runner links, background jobs and the dashboard.

pub mod config;
pub mod db;
pub mod files;
