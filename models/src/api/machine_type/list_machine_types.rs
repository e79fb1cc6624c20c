//! `GET /machine-type`

use macros::declare_api_endpoint;

use crate::machine_type::MachineType;

declare_api_endpoint! {
    /// List the named sizes of instances that the server offers, in the order of its operator.
    ListMachineTypes,
    GET "/machine-type",
    access = signed_in,
    rate = Reads,
    response = 200 {
        /// The machine types; each name is there once.
        machine_types: Vec<MachineType>,
    },
}
