//! Registries that did not answer: for a while nobody waits for them again.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use models::value::RegistryHost;
use tokio::time::Instant;

use crate::sync::lock;

/// Until when each registry that did not answer is left alone.
#[derive(Debug, Default)]
pub(crate) struct Registries(Mutex<HashMap<RegistryHost, Instant>>);

impl Registries {
    /// Tells whether a registry did not answer a short while ago.
    pub(crate) fn is_silent(&self, host: &RegistryHost) -> bool {
        let mut silent = lock(&self.0);
        silent.retain(|_, until| *until > Instant::now());
        silent.contains_key(host)
    }

    /// A registry did not answer.
    pub(crate) fn silent(&self, host: RegistryHost, pause: Duration) {
        lock(&self.0).insert(host, Instant::now() + pause);
    }

    /// A registry answered.
    pub(crate) fn answered(&self, host: &RegistryHost) {
        lock(&self.0).remove(host);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use models::value::RegistryHost;
    use tokio::time::advance;

    use super::Registries;

    #[tokio::test(start_paused = true)]
    async fn a_silent_registry_is_left_alone_for_a_while_and_no_other() {
        let registries = Registries::default();
        let host = |name| RegistryHost::new(name).unwrap();
        registries.silent(host("ghcr.io"), Duration::from_mins(1));
        assert!(registries.is_silent(&host("ghcr.io")));
        assert!(!registries.is_silent(&host("quay.io")));
        advance(Duration::from_secs(61)).await;
        assert!(!registries.is_silent(&host("ghcr.io")));
        registries.silent(host("quay.io"), Duration::from_mins(1));
        registries.answered(&host("quay.io"));
        assert!(!registries.is_silent(&host("quay.io")));
    }
}
