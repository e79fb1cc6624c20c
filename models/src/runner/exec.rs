//! The request to run a program inside an instance.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::{
    DeploymentId, ExecId, InstanceId,
    exec::{MAX_COMMAND, TerminalSize},
    value::Argument,
};

/// A program to run inside an instance.
///
/// It needs no epoch, because it ends with the link that requested it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenExec {
    /// The server's id for the program, used by all of its frames.
    #[garde(skip)]
    pub exec_id: ExecId,
    /// The deployment that the instance must belong to.
    #[garde(skip)]
    pub deployment_id: DeploymentId,
    /// The instance, which must be running.
    #[garde(skip)]
    pub instance_id: InstanceId,
    /// The program and its arguments, without a shell.
    #[garde(dive, length(min = 1, max = MAX_COMMAND))]
    pub command: Vec<Argument>,
    /// The size of its terminal; if absent, it has neither a terminal nor input.
    #[garde(dive)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<TerminalSize>,
}
