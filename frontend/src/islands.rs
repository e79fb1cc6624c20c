//! The parts of pages that the browser takes over.
//!
//! An island gets all it needs with its properties, which travel with the page; it may call the
//! API and follow streams, and knows nothing of the page around it.

pub(crate) mod deployment;
pub(crate) mod deployment_list;
mod deployment_rows;
pub(crate) mod deployment_status;
pub(crate) mod following;
pub(crate) mod handed;
pub(crate) mod home;
pub(crate) mod log;
pub(crate) mod runner_list;
pub(crate) mod theme;
