//! The pages of the dashboard.
//!
//! The path of a file here is the path of the endpoint that the page is for.

pub(crate) mod gallery;
pub(crate) mod index;
pub(crate) mod not_found;
pub(crate) mod register;
pub(crate) mod session;
pub(crate) mod setup;
pub(crate) mod workspace;
