//! Signing in.

pub(crate) mod sign_in;
