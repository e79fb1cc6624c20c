//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/log`

use macros::declare_api_endpoint;

use crate::{
    DeploymentId, InstanceId, WorkspaceId,
    deployment::{LogLine, LogStream},
    time::Timestamp,
};

/// The number of lines that are returned if the request sets none.
pub const DEFAULT_LOG_LINES: u16 = 500;

/// The most lines in one response.
pub const MAX_LOG_LINES: u16 = 1_000;

/// The most characters of a search text.
pub const MAX_LOG_SEARCH: usize = 200;

declare_api_endpoint! {
    /// Read a deployment's log.
    ///
    /// Returns the newest lines, or those before `before`, or those after `after`. The oldest
    /// line comes first in each response. Requests that continue with `older` or `newer` return
    /// every line exactly once, even while more are printed.
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
        /// Only lines before this `position`.
        before: Option<i64>,
        /// Only lines after this `position`, starting with the next one.
        after: Option<i64>,
        /// Only lines printed at this time or later.
        from: Option<Timestamp>,
        /// Only lines printed before this time.
        to: Option<Timestamp>,
        /// Only lines of this instance.
        instance_id: Option<InstanceId>,
        /// Only lines of this output stream.
        stream: Option<LogStream>,
        /// Only lines that contain this text, at most 200 characters.
        ///
        /// The search ignores case, colors and other control characters.
        #[garde(inner(length(chars, max = MAX_LOG_SEARCH)))]
        search: Option<String>,
        /// The number of lines to return, from 1 to 1,000; 500 when left out.
        #[garde(range(min = 1, max = MAX_LOG_LINES))]
        limit: Option<u16>,
    },
    response = 200 {
        /// The lines, the oldest first.
        lines: Vec<LogLine>,
        /// The value of `before` that requests older lines; absent if there are none.
        older: Option<i64>,
        /// The value of `after` that requests newer lines; absent if there are none yet.
        newer: Option<i64>,
        /// True if the requested part of the log was read completely.
        ///
        /// One request reads a limited amount. If it finds too few lines in that, continue with
        /// `older`, or with `newer` if you sent `after`.
        is_complete: bool,
    },
}
