//! How many instances there are when that follows what they use.

use std::{num::NonZeroU32, time::Duration};

use serde::Deserialize;

/// How many instances there are when that follows what they use.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// How often it is decided.
    pub decide_every_ms: NonZeroU32,
    /// Over how long what they use is averaged.
    pub average_over_ms: NonZeroU32,
    /// For how long after its start it does not count what an instance uses.
    pub warm_up_ms: u32,
    /// For how long fewer must be enough before there are fewer.
    pub calm_ms: u32,
}

impl Scaling {
    /// How often it is decided.
    pub fn decide_every(&self) -> Duration {
        Duration::from_millis(self.decide_every_ms.get().into())
    }
}
