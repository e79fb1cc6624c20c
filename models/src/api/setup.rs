//! The one-time set-up of a new server.

mod complete_setup;
mod get_setup;

pub use complete_setup::*;
pub use get_setup::*;
