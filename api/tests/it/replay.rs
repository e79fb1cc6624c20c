//! The replay suite: known classes of vulnerabilities, tried on this system.
//!
//! Each file is named after a class of the table in `docs/SECURITY.md`, which also names the
//! tests in other places. Where possible, a test uses the registry of endpoints, so that it
//! covers future ones.

mod class_01_text;
mod class_07_passthrough;
mod class_08_tenants;
mod class_09_streams;
mod class_15_default_secrets;
mod class_27_prefixes;
mod corpus;
mod hostile_runner;
mod schema;
