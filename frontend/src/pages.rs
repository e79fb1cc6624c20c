//! The pages. The path of a file here is the path of the endpoint that the page is for.

#[cfg(feature = "ssr")]
pub(crate) mod gallery;
pub(crate) mod not_found;
#[cfg(not(feature = "ssr"))]
pub(crate) mod outside;
#[cfg(feature = "ssr")]
pub(crate) mod session;
#[cfg(feature = "ssr")]
pub(crate) mod setup;
#[cfg(feature = "ssr")]
pub(crate) mod start;
pub(crate) mod workspace;
