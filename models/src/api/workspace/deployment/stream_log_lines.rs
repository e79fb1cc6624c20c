//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/log/stream`

use macros::declare_stream_endpoint;

use crate::{DeploymentId, InstanceId, WorkspaceId, deployment::LogLine};

declare_stream_endpoint! {
    /// Follow a deployment's log.
    ///
    /// Begins after a given position, so that a client misses and repeats no lines after a lost
    /// connection.
    StreamLogLines,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/log/stream" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    query = {
        /// The `position` of the last line that the client has. Only new lines when left out.
        after: Option<i64>,
        /// Only lines of this instance.
        instance_id: Option<InstanceId>,
    },
    server_message = {
        /// The next lines.
        Lines {
            /// The lines, the oldest first.
            lines: Vec<LogLine>,
        },
        /// The deployment was removed; the stream ends.
        Gone,
    },
}
