//! Registration requests of runners.

mod approve_registration;
mod deny_registration;
mod find_registration;
mod get_registration;

pub use approve_registration::*;
pub use deny_registration::*;
pub use find_registration::*;
pub use get_registration::*;
