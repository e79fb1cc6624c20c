//! Detection of a Docker Engine on this host.

use std::{path::Path, time::Duration};

use tokio::time::timeout;

use crate::{DEFAULT_SOCKET, engine};

/// Timeout. A missing engine fails at once; a busy one may take a moment.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// A Docker Engine that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// Its version.
    pub version: String,
}

/// Looks for a Docker Engine at its default socket.
pub async fn detect() -> Option<Detected> {
    let asking = engine::version(Path::new(DEFAULT_SOCKET));
    let version = timeout(ANSWER_WITHIN, asking).await.ok()?.ok()??;
    Some(Detected { version })
}
