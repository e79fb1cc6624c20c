//! `POST /workspace/{workspace_id}/deployment/{deployment_id}/run`

use macros::declare_api_endpoint;

use crate::{
    DeploymentId, WorkspaceId,
    deployment::MAX_ARGUMENTS,
    run::{MAX_RETRIES, MAX_TIMEOUT_MS, Run},
    value::Argument,
};

declare_api_endpoint! {
    /// Run a one-off task in an instance of its own, until it ends.
    ///
    /// It has the image, variables, files and limits of the live release, or of the newest one
    /// if none is live; no ports, and no volumes, because the deployment's own instance has
    /// those. Its output becomes part of the deployment's log. It runs even if the deployment is
    /// stopped.
    CreateRun,
    POST "/workspace/{workspace_id}/deployment/{deployment_id}/run" {
        /// The workspace that owns the deployment.
        workspace_id: WorkspaceId,
        /// The deployment.
        deployment_id: DeploymentId,
    },
    permission = Deployment::Exec on workspace_id,
    rate = Writes,
    audit = "run.create",
    request = {
        /// The program and its first arguments, without a shell. A single text counts as one
        /// argument a line. The release's own when left out, or else the image's.
        #[garde(dive, length(max = MAX_ARGUMENTS))]
        #[serde(default, deserialize_with = "crate::value::lines")]
        entrypoint: Vec<Argument>,
        /// Arguments after the entry point, in the same form.
        ///
        /// The release's own when both are left out; none when only the entry point is given.
        #[garde(dive, length(max = MAX_ARGUMENTS))]
        #[serde(default, deserialize_with = "crate::value::lines")]
        arguments: Vec<Argument>,
        /// The time limit of each attempt in milliseconds; an hour when left out.
        ///
        /// At most a week. An attempt that exceeds it is stopped and has failed.
        #[garde(range(min = 1_000, max = MAX_TIMEOUT_MS))]
        timeout_ms: Option<i64>,
        /// The number of further attempts, at most 10; none when left out.
        #[garde(range(max = MAX_RETRIES))]
        retries: Option<u16>,
    },
    response = 202 {
        /// The run.
        run: Run,
    },
    errors = [
        DeploymentBeingDeleted,
        DeploymentNeverLive,
        RunnerWithoutRuns,
        TooManyRuns,
    ],
}
