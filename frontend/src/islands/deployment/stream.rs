//! The live state of a deployment.

use leptos::prelude::*;
use models::{
    api::workspace::deployment::{StreamDeployment, StreamDeploymentPath},
    deployment::Deployment,
    endpoint::Empty,
};

use crate::live::{
    Link, Next, follow,
    message::{self, DeploymentMessage, Kind},
};

/// Keeps a deployment up to date.
pub(crate) fn follow_deployment(into: RwSignal<Deployment>) -> ReadSignal<Link> {
    let path = {
        let deployment = into.read_untracked();
        StreamDeploymentPath {
            workspace_id: deployment.workspace_id,
            deployment_id: deployment.deployment_id,
        }
    };
    follow::<StreamDeployment>(
        path,
        || Empty {},
        move |text| {
            let Some(DeploymentMessage { kind, deployment }) = message::read(text) else {
                return Next::Listen;
            };
            if let Some(deployment) = deployment {
                into.try_set(deployment);
            }
            if kind == Kind::Gone {
                Next::Close
            } else {
                Next::Listen
            }
        },
    )
}
