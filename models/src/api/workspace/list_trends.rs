//! `GET /workspace/{workspace_id}/trend`

use macros::declare_api_endpoint;

use crate::{WorkspaceId, deployment::DeploymentTrend, time::Timestamp};

/// The range of trends, in milliseconds.
pub const TREND_RANGE_MS: i64 = 10_800_000;

declare_api_endpoint! {
    /// Get the recent resource usage of all deployments of a workspace.
    ///
    /// The resolution is low, for small charts in a list; `GetStats` has more. Deployments
    /// without measurements in the last three hours are left out. The response may be 15
    /// seconds old.
    ListTrends,
    GET "/workspace/{workspace_id}/trend" {
        /// The workspace.
        workspace_id: WorkspaceId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    response = 200 {
        /// The start of the returned range, three hours before its end.
        from: Timestamp,
        /// The end of the returned range: the time at which the data was read.
        to: Timestamp,
        /// The length of the interval that each point covers, in milliseconds.
        resolution_ms: i64,
        /// One trend for each measured deployment.
        deployments: Vec<DeploymentTrend>,
    },
}
