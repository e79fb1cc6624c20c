//! The last error of a deployment or an instance, as reported by its runner.

use serde::{Deserialize, Serialize};

use super::Failure;
use crate::time::Timestamp;

/// An unresolved error outside a rollout.
///
/// It is cleared once it is resolved. If it occurs again before that, it keeps its first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LastError {
    /// The party at fault, the code, for example `image_not_found`, and the advice.
    #[serde(flatten)]
    pub failure: Failure,
    /// The time of its first occurrence since it was last resolved.
    ///
    /// It is measured by the clock of the runner's host.
    pub since: Timestamp,
    /// The time of the runner's next attempt; absent if the runner waits for a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Timestamp>,
}
