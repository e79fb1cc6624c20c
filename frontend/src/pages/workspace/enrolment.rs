//! Registration of runners.

pub(crate) mod find_enrolment;
pub(crate) mod get_enrolment;
