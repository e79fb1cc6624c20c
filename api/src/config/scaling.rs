//! Settings of autoscaling.

use std::{num::NonZeroU32, time::Duration};

use serde::Deserialize;

/// Settings of autoscaling, which sets the instance count from measured use.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// The interval between decisions.
    pub decide_every_ms: NonZeroU32,
    /// The time over which use is averaged.
    pub average_over_ms: NonZeroU32,
    /// The time after an instance's start in which its use does not count.
    pub warm_up_ms: u32,
    /// The time for which fewer instances must be enough before the count falls.
    pub calm_ms: u32,
}

impl Scaling {
    /// The interval between decisions.
    pub fn decide_every(&self) -> Duration {
        Duration::from_millis(self.decide_every_ms.get().into())
    }
}
