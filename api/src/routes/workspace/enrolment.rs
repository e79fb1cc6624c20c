//! Registrations of runners.

mod approve_enrolment;
mod find_enrolment;
mod get_enrolment;
mod refuse_enrolment;

pub(in crate::routes) use approve_enrolment::approve_enrolment;
pub(in crate::routes) use find_enrolment::find_enrolment;
pub(in crate::routes) use get_enrolment::get_enrolment;
pub(in crate::routes) use refuse_enrolment::refuse_enrolment;
