//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/log/text`

use macros::declare_api_endpoint;

use super::MAX_LOG_SEARCH;
use crate::{DeploymentId, InstanceId, WorkspaceId, deployment::LogStream, time::Timestamp};

declare_api_endpoint! {
    /// Download a deployment's log as plain text.
    ///
    /// Each line has its moment, its instance, its stream and its text, without colours and other
    /// control characters, the oldest line first. What is printed after the download began is not
    /// in it.
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
        /// Only lines printed at this moment or later.
        from: Option<Timestamp>,
        /// Only lines printed before this moment.
        to: Option<Timestamp>,
        /// Only lines of this instance.
        instance_id: Option<InstanceId>,
        /// Only lines printed there.
        stream: Option<LogStream>,
        /// Only lines with this text in them, as `ListLogLines` searches.
        #[garde(inner(length(chars, max = MAX_LOG_SEARCH)))]
        search: Option<String>,
    },
    response = 200 text,
}
