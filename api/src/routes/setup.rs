//! One-time set-up of a new server.

mod complete_setup;
mod get_setup;

pub(super) use complete_setup::complete_setup;
pub(super) use get_setup::get_setup;
