//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/log`

use macros::declare_api_endpoint;

use crate::{DeploymentId, WorkspaceId, deployment::LogLine};

/// How many lines come when the caller does not say.
pub const DEFAULT_LOG_LINES: u16 = 500;

/// The most lines that one answer may have.
pub const MAX_LOG_LINES: u16 = 1_000;

declare_api_endpoint! {
    /// Read a deployment's log.
    ///
    /// Without `after`, the newest lines; with it, the lines that follow. The oldest line comes
    /// first in both cases.
    ListLogLines,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/log" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    query = {
        /// The `position` of the last line that the caller has.
        after: Option<i64>,
        /// How many lines to return, from 1 to 1,000; 500 when left out.
        #[garde(range(min = 1, max = MAX_LOG_LINES))]
        limit: Option<u16>,
    },
    response = 200 {
        /// The lines, the oldest first.
        lines: Vec<LogLine>,
    },
}
