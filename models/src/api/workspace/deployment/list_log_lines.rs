//! `GET /workspace/{workspace_id}/deployment/{deployment_id}/log`

use macros::declare_api_endpoint;

use crate::{
    DeploymentId, InstanceId, WorkspaceId,
    deployment::{LogLine, LogStream},
    time::Timestamp,
};

/// How many lines come when the caller does not say.
pub const DEFAULT_LOG_LINES: u16 = 500;

/// The most lines that one answer may have.
pub const MAX_LOG_LINES: u16 = 1_000;

/// The most characters that may be searched for.
pub const MAX_LOG_SEARCH: usize = 200;

declare_api_endpoint! {
    /// Read a deployment's log.
    ///
    /// Without `after`, the newest lines, or those that come before `before`; with it, the lines
    /// that follow. The oldest line comes first in each answer. Who goes on with `older` or `newer`
    /// gets every line once, whatever is printed meanwhile.
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
        /// Only lines behind this `position`, from there on.
        after: Option<i64>,
        /// Only lines printed at this moment or later.
        from: Option<Timestamp>,
        /// Only lines printed before this moment.
        to: Option<Timestamp>,
        /// Only lines of this instance.
        instance_id: Option<InstanceId>,
        /// Only lines printed there.
        stream: Option<LogStream>,
        /// Only lines with this text in them, at most 200 characters. Letters match in upper and
        /// lower case; colours and other control characters are left out of account.
        #[garde(inner(length(chars, max = MAX_LOG_SEARCH)))]
        search: Option<String>,
        /// How many lines to return, from 1 to 1,000; 500 when left out.
        #[garde(range(min = 1, max = MAX_LOG_LINES))]
        limit: Option<u16>,
    },
    response = 200 {
        /// The lines, the oldest first.
        lines: Vec<LogLine>,
        /// What to ask for as `before` to get older lines; none when there are none.
        older: Option<i64>,
        /// What to ask for as `after` to get newer lines; none when there are none yet.
        newer: Option<i64>,
        /// Whether as much of the log was read as was asked for. One request reads only so much:
        /// when it finds too little in that, go on with `older`, or with `newer` if you gave `after`.
        is_complete: bool,
    },
}
