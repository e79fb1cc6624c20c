//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/stats`

use macros::declare_api_endpoint;

use crate::{
    DeploymentId, WorkspaceId,
    deployment::{ReleaseMarker, ScalingChange, StatsSeries},
    time::Timestamp,
};

/// The default range of statistics, in milliseconds.
pub const DEFAULT_STATS_RANGE_MS: i64 = 3_600_000;

/// The most points in one series.
pub const MAX_STATS_POINTS: i64 = 300;

declare_api_endpoint! {
    /// Get the resource usage of a deployment's instances.
    ///
    /// The server chooses the resolution, so that no series has more than 300 points. At most
    /// the newest 100 instances are returned.
    GetStats,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/stats" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    query = {
        /// The start of the range; an hour before its end when left out.
        from: Option<Timestamp>,
        /// The end of the range; the current time when left out, and never later.
        to: Option<Timestamp>,
    },
    response = 200 {
        /// The start of the returned range.
        from: Timestamp,
        /// The end of the returned range.
        to: Timestamp,
        /// The length of the interval that each point covers, in milliseconds.
        resolution_ms: i64,
        /// One series for each measured instance, the oldest instance first.
        series: Vec<StatsSeries>,
        /// The releases that became live within the range, the oldest first.
        releases: Vec<ReleaseMarker>,
        /// The autoscaling changes within the range, the oldest first. At most the newest 100.
        scaling: Vec<ScalingChange>,
    },
}
