//! `GET /workspace/{workspace_id}/trend`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, deployment::DeploymentTrend, time::Timestamp};

/// How far back trends reach, in milliseconds.
pub const TREND_RANGE_MS: i64 = 10_800_000;

declare_api_endpoint! {
    /// Read in outline what each deployment of a workspace used lately.
    ///
    /// Meant for small pictures in a list; `GetStats` has the details. Deployments of which nothing
    /// was measured within the last three hours are left out. The answer may be 15 seconds old.
    ListTrends,
    GET "/workspace/{workspace_id}/trend" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The beginning of the range that is answered, three hours before its end.
        from: Timestamp,
        /// The end of the range that is answered, when it was read.
        to: Timestamp,
        /// How long the while is that each point stands for, in milliseconds.
        resolution_ms: i64,
        /// One trend for each deployment that was measured.
        deployments: Vec<DeploymentTrend>,
    },
}
