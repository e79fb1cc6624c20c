//! Islands: components that the browser hydrates.
//!
//! An island receives all it needs as properties, which travel with the page. It knows nothing
//! of the page around it.

pub(crate) mod log;
pub(crate) mod theme;
