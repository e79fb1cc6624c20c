//! What an instance is to run, and how it last ran, as its folder keeps them.

use std::path::PathBuf;

use models::{
    deployment::{PublishedPort, Spec},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::id::ProcessId;
use crate::PlatformState;

/// The exit code of an app whose supervisor was ended before it could write down the right one.
const UNKNOWN: i64 = 255;

/// What an instance runs.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) program: PathBuf,
    pub(super) spec: Spec,
}

/// The time from an instance's last start to its end.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Life {
    pub(super) supervisor: ProcessId,
    pub(super) app: ProcessId,
    pub(super) started_at: Timestamp,
    pub(super) ports: Vec<PublishedPort>,
    pub(super) code: Option<i64>,
}

impl Life {
    pub(super) fn state(&self) -> PlatformState {
        match self.code {
            None if self.supervisor.is_alive() || self.app.is_alive() => PlatformState::Running,
            // Until its supervisor is gone nobody else can start it.
            Some(_) if self.supervisor.is_alive() => PlatformState::Stopping,
            code => PlatformState::exited(code.unwrap_or(UNKNOWN)),
        }
    }
}
