//! Machine types that the server offers.

mod list_machine_types;

pub(super) use list_machine_types::list_machine_types;
