//! Machine types: named sizes of instances.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{deployment::Resources, value::ResourceName};

/// A named size of an instance, as offered by the server's operator.
///
/// It only names two numbers: deployments store the numbers, not the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MachineType {
    /// The name of the machine type.
    #[garde(dive)]
    pub name: ResourceName,
    /// The limits of one instance.
    #[garde(dive)]
    pub resources: Resources,
}
