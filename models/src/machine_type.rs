//! Named sizes of instances.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{deployment::Resources, value::ResourceName};

/// A named size of an instance, as the server's operator offers it. It is only a name for the two
/// numbers: deployments keep those.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MachineType {
    /// What it is called.
    #[garde(dive)]
    pub name: ResourceName,
    /// What one instance may use.
    #[garde(dive)]
    pub resources: Resources,
}
