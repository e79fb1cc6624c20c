//! Signing in and out.

mod get_session;
mod sign_in;
mod sign_out;

pub(super) use get_session::get_session;
pub(super) use sign_in::sign_in;
pub(super) use sign_out::sign_out;
