//! `GET /machine-type`

use macros::declare_api_endpoint;

use crate::machine_type::MachineType;

declare_api_endpoint! {
    /// List the machine types that the server offers, in its operator's order.
    ListMachineTypes,
    GET "/machine-type",
    access = signed_in,
    rate = Reads,
    response = 200 {
        /// The machine types; each name occurs once.
        machine_types: Vec<MachineType>,
    },
}
