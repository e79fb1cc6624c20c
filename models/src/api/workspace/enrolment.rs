//! Registration requests of runners.

mod approve_enrolment;
mod find_enrolment;
mod get_enrolment;
mod refuse_enrolment;

pub use approve_enrolment::*;
pub use find_enrolment::*;
pub use get_enrolment::*;
pub use refuse_enrolment::*;
