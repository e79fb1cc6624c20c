//! Runners that ask to be registered.

pub(crate) mod find_enrolment;
pub(crate) mod get_enrolment;
