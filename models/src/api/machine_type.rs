//! The machine types that the server offers.

mod list_machine_types;

pub use list_machine_types::*;
