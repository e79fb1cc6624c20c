//! The Berth server: the API, the runner links and background jobs.
#![cfg_attr(
    test,
    expect(clippy::disallowed_methods, reason = "tests start tasks of their own")
)]

pub mod actor;
pub mod app;
pub mod audit;
pub mod bus;
pub mod client;
pub mod config;
pub mod connections;
pub mod error;
pub mod features;
pub mod http;
pub mod hub;
pub mod jobs;
pub mod keyed_limit;
pub mod links;
pub mod openapi;
pub mod password;
pub mod rlimit;
pub mod routes;
pub mod seal;
pub mod server;
pub mod services;
pub mod session_store;
pub mod site;
pub mod store;
pub mod telemetry;
pub mod ttl_cache;

pub use base::{blocking, clock, ids, private_files, random, server_id};
pub use db::{self, db_test};
