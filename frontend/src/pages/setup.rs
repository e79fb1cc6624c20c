//! The one-time set-up.

pub(crate) mod complete_setup;
