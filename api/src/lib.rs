//! The Berth server: the API, the runner links and background jobs.
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        clippy::disallowed_types,
        reason = "tests start tasks and programs of their own"
    )
)]

pub mod actor;
pub mod app;
pub mod audit;
pub mod blocking;
pub mod bus;
pub mod client;
pub mod clock;
pub mod config;
pub mod connections;
pub mod db;
pub mod error;
pub mod features;
pub mod http;
pub mod hub;
pub mod ids;
pub mod jobs;
pub mod keyed_limit;
pub mod links;
pub mod openapi;
pub mod password;
pub mod private_files;
pub mod random;
pub mod rlimit;
pub mod routes;
pub mod seal;
pub mod server;
pub mod server_id;
pub mod services;
pub mod session_store;
pub mod site;
pub mod store;
pub mod telemetry;
pub mod ttl_cache;
