//! The replay suite, for the classes that pages can have, too.
//!
//! See `api/tests/it/replay.rs` for the others.

mod class_01_no_shell;
mod class_11_safe_methods;
mod class_17_headers;
mod class_18_cross_site;
mod class_22_paths;
mod class_23_disclosure;
mod class_24_markup;
mod class_26_public;
mod class_30_cookies;
mod class_32_exhaustion;
mod listing;
pub(crate) mod walk;
