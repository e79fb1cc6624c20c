//! The last error of a deployment or an instance, as its runner saw it.

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::time::Timestamp;

/// Something that went wrong outside an attempt at a release and is not over.
///
/// It clears when it is over. One that happens again keeps its first moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastError {
    /// Whose fault it is, its code, for example `image_not_found`, and what to try.
    #[serde(flatten)]
    pub failure: Failure,
    /// When it happened first since it was last over, by the clock of the runner's machine.
    pub since: Timestamp,
    /// When the runner tries again by itself; absent when it waits for a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Timestamp>,
}
