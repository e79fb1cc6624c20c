//! The circuit breaker: skips a registry for a while after it failed to answer.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use models::{deployment::CopyReason, value::RegistryHost};
use tokio::time::Instant;

use crate::sync::lock;

/// End and reason of the pause of each registry that gave no useful answer.
#[derive(Debug, Default)]
pub(super) struct RegistryBreaker(Mutex<HashMap<RegistryHost, (Instant, CopyReason)>>);

impl RegistryBreaker {
    /// Returns the reason to skip a registry, if its circuit breaker is open.
    pub(super) fn open_reason(&self, host: &RegistryHost) -> Option<CopyReason> {
        let mut open = lock(&self.0);
        open.retain(|_, (until, _)| *until > Instant::now());
        open.get(host).map(|(_, because)| *because)
    }

    /// Skips a registry for `pause`, after it gave no useful answer.
    pub(super) fn trip(&self, host: RegistryHost, because: CopyReason, pause: Duration) {
        lock(&self.0).insert(host, (Instant::now() + pause, because));
    }

    /// Closes the circuit breaker of a registry that answered.
    pub(super) fn close(&self, host: &RegistryHost) {
        lock(&self.0).remove(host);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use models::{deployment::CopyReason, value::RegistryHost};
    use tokio::time::advance;

    use super::RegistryBreaker;

    #[tokio::test(start_paused = true)]
    async fn a_silent_registry_is_left_alone_for_a_while_and_no_other() {
        let breaker = RegistryBreaker::default();
        let host = |name| RegistryHost::new(name).unwrap();
        let minute = Duration::from_mins(1);
        breaker.trip(host("ghcr.io"), CopyReason::Limited, minute);
        let because = breaker.open_reason(&host("ghcr.io"));
        assert_eq!(because, Some(CopyReason::Limited));
        assert_eq!(breaker.open_reason(&host("quay.io")), None);
        advance(Duration::from_secs(61)).await;
        assert_eq!(breaker.open_reason(&host("ghcr.io")), None);
        breaker.trip(host("quay.io"), CopyReason::NoAnswer, minute);
        breaker.close(&host("quay.io"));
        assert_eq!(breaker.open_reason(&host("quay.io")), None);
    }
}
