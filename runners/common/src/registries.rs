//! The circuit breaker for registries: skips one for a while after it failed to answer.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use models::{deployment::CopyReason, value::RegistryHost};
use tokio::time::Instant;

use crate::sync::lock;

/// End and reason of the pause of each registry that gave no useful answer.
#[derive(Debug, Default)]
pub(crate) struct Registries(Mutex<HashMap<RegistryHost, (Instant, CopyReason)>>);

impl Registries {
    /// Returns the reason to skip a registry, if its circuit breaker is open.
    pub(crate) fn left_alone(&self, host: &RegistryHost) -> Option<CopyReason> {
        let mut silent = lock(&self.0);
        silent.retain(|_, (until, _)| *until > Instant::now());
        silent.get(host).map(|(_, because)| *because)
    }

    /// Skips a registry for `pause`, after it gave no useful answer.
    pub(crate) fn leave_alone(&self, host: RegistryHost, because: CopyReason, pause: Duration) {
        lock(&self.0).insert(host, (Instant::now() + pause, because));
    }

    /// Closes the circuit breaker of a registry that answered.
    pub(crate) fn answered(&self, host: &RegistryHost) {
        lock(&self.0).remove(host);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use models::{deployment::CopyReason, value::RegistryHost};
    use tokio::time::advance;

    use super::Registries;

    #[tokio::test(start_paused = true)]
    async fn a_silent_registry_is_left_alone_for_a_while_and_no_other() {
        let registries = Registries::default();
        let host = |name| RegistryHost::new(name).unwrap();
        let minute = Duration::from_mins(1);
        registries.leave_alone(host("ghcr.io"), CopyReason::Limited, minute);
        let because = registries.left_alone(&host("ghcr.io"));
        assert_eq!(because, Some(CopyReason::Limited));
        assert_eq!(registries.left_alone(&host("quay.io")), None);
        advance(Duration::from_secs(61)).await;
        assert_eq!(registries.left_alone(&host("ghcr.io")), None);
        registries.leave_alone(host("quay.io"), CopyReason::NoAnswer, minute);
        registries.answered(&host("quay.io"));
        assert_eq!(registries.left_alone(&host("quay.io")), None);
    }
}
