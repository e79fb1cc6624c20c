//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/stats`

use macros::declare_api_endpoint;

use crate::{
    DeploymentId, WorkspaceId,
    deployment::{ReleaseMarker, ScalingChange, StatsSeries},
    time::Timestamp,
};

/// How far back the answer reaches when the caller does not say, in milliseconds.
pub const DEFAULT_STATS_RANGE_MS: i64 = 3_600_000;

/// The most points that a series of one answer has.
pub const MAX_STATS_POINTS: i64 = 300;

declare_api_endpoint! {
    /// Read what a deployment's instances use.
    ///
    /// The server chooses the resolution, so that no series has more than 300 points. Of very many
    /// instances the newest 100 come back.
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
        /// The beginning of the range; an hour before its end when left out.
        from: Option<Timestamp>,
        /// The end of the range; now when left out, and never later.
        to: Option<Timestamp>,
    },
    response = 200 {
        /// The beginning of the range that is answered.
        from: Timestamp,
        /// The end of the range that is answered.
        to: Timestamp,
        /// How long the while is that each point stands for, in milliseconds.
        resolution_ms: i64,
        /// One series for each instance that was measured, the oldest instance first.
        series: Vec<StatsSeries>,
        /// The releases that became live within the range, the oldest first.
        releases: Vec<ReleaseMarker>,
        /// When the number of instances followed what they used within the range, the oldest change
        /// first; of very many the newest 100.
        scaling: Vec<ScalingChange>,
    },
}
