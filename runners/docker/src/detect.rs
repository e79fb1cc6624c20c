//! Whether there is a Docker Engine here.

use std::{path::Path, time::Duration};

use tokio::time::timeout;

use crate::{DEFAULT_SOCKET, engine};

/// An engine that is not there says so at once; one that is busy may take a moment.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// A Docker Engine that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// Its version.
    pub version: String,
}

/// Looks for a Docker Engine at its usual place.
pub async fn detect() -> Option<Detected> {
    let asking = engine::version(Path::new(DEFAULT_SOCKET));
    let version = timeout(ANSWER_WITHIN, asking).await.ok()?.ok()??;
    Some(Detected { version })
}
