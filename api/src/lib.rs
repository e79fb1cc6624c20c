//! The Berth server: the API, the runner links, background jobs and the dashboard.

pub mod clock;
pub mod config;
pub mod db;
pub mod files;
pub mod ids;
pub mod password;
pub mod random;
pub mod seal;
