//! Registration of runners.

pub(crate) mod find_registration;
pub(crate) mod get_registration;
