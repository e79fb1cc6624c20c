//! Files of an instance's folder: its plan, and the state of its last start.

use std::path::PathBuf;

use models::{deployment::PublishedPort, runner::RunnerSpec, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::id::ProcessId;
use crate::PlatformState;

/// Exit code of an app whose supervisor was killed before it could record one.
const UNKNOWN: i64 = 255;

/// The program and specification of an instance.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) program: PathBuf,
    pub(super) spec: RunnerSpec,
}

/// The state of an instance since its last start.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ProcessState {
    pub(super) supervisor: ProcessId,
    pub(super) app: ProcessId,
    pub(super) started_at: Timestamp,
    pub(super) ports: Vec<PublishedPort>,
    pub(super) code: Option<i64>,
}

impl ProcessState {
    /// True if nothing runs and no exit code was recorded.
    pub(super) fn is_lost(&self) -> bool {
        self.code.is_none() && !self.supervisor.is_alive() && !self.app.is_alive()
    }

    pub(super) fn state(&self) -> PlatformState {
        match self.code {
            None if !self.is_lost() => PlatformState::Running,
            // Until its supervisor is gone nobody else can start it.
            Some(_) if self.supervisor.is_alive() => PlatformState::Stopping,
            code => PlatformState::exited(code.unwrap_or(UNKNOWN)),
        }
    }
}
