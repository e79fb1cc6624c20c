//! The replay suite: known classes of vulnerabilities, tried on this system.
//!
//! Each file is named after a class of the table in `docs/SECURITY.md`, which also names the
//! tests in other places. Where possible, a test uses the registry of endpoints, so that it
//! covers future ones.

mod class_01_no_shell;
mod class_01_text;
mod class_07_passthrough;
mod class_08_tenants;
mod class_09_streams;
mod class_11_safe_methods;
mod class_15_default_secrets;
mod class_17_headers;
mod class_18_cross_site;
mod class_22_paths;
mod class_23_disclosure;
mod class_24_markup;
mod class_26_public;
mod class_27_prefixes;
mod class_30_cookies;
mod class_32_exhaustion;
mod corpus;
mod hostile_runner;
mod listing;
mod schema;
pub(crate) mod walk;
