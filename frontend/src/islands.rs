//! The parts of pages that the browser takes over.
//!
//! An island gets all it needs with its properties, which travel with the page, and knows nothing
//! of the page around it.

pub(crate) mod log;
pub(crate) mod theme;
