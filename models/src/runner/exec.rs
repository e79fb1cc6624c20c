//! What a runner needs to know to run a program inside an instance.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    DeploymentId, ExecId, InstanceId,
    exec::{MAX_COMMAND, TerminalSize},
    value::Argument,
};

/// A program to run inside an instance.
///
/// It needs no epoch: it ends with the link over which it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenExec {
    /// The server's name for it, in every frame that belongs to it.
    #[garde(skip)]
    pub exec_id: ExecId,
    /// The deployment that the instance must belong to.
    #[garde(skip)]
    pub deployment_id: DeploymentId,
    /// The instance, which must be up.
    #[garde(skip)]
    pub instance_id: InstanceId,
    /// The program and its arguments. No shell reads them.
    #[garde(dive, length(min = 1, max = MAX_COMMAND))]
    pub command: Vec<Argument>,
    /// The size of its terminal; without one it has neither terminal nor input.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<TerminalSize>,
}
