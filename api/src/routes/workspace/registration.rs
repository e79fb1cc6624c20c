//! Registrations of runners.

mod approve_registration;
mod deny_registration;
mod find_registration;
mod get_registration;

pub(in crate::routes) use approve_registration::approve_registration;
pub(in crate::routes) use deny_registration::deny_registration;
pub(in crate::routes) use find_registration::find_registration;
pub(in crate::routes) use get_registration::get_registration;
