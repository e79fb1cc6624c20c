//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/log/text`

use macros::declare_api_endpoint;

use super::MAX_LOG_SEARCH;
use crate::{DeploymentId, InstanceId, WorkspaceId, deployment::LogStream, time::Timestamp};

declare_api_endpoint! {
    /// Download a deployment's log as plain text.
    ///
    /// Each line contains its time, its instance, its stream and its text, without colors and
    /// other control characters; the oldest line comes first. Lines printed after the download
    /// began are not included.
    DownloadLog,
    GET "/workspace/{workspace_id}/deployment/{deployment_id}/log/text" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::View on workspace_id,
    rate = Reads,
    query = {
        /// Only lines printed at this time or later.
        from: Option<Timestamp>,
        /// Only lines printed before this time.
        to: Option<Timestamp>,
        /// Only lines of this instance.
        instance_id: Option<InstanceId>,
        /// Only lines of this output stream.
        stream: Option<LogStream>,
        /// Only lines that contain this text, with the rules of `ListLogLines`.
        #[garde(inner(length(chars, max = MAX_LOG_SEARCH)))]
        search: Option<String>,
    },
    response = 200 text,
}
