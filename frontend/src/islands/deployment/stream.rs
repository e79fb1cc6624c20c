//! The live state of a deployment.

use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        StreamDeployment, StreamDeploymentPath, StreamDeploymentServerMessage,
    },
    deployment::Deployment,
    endpoint::Empty,
};

use crate::live::{Link, Next, follow};

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
        move |message| match message {
            StreamDeploymentServerMessage::State { deployment } => {
                into.try_set(*deployment);
                Next::Listen
            }
            StreamDeploymentServerMessage::Gone => Next::Close,
        },
    )
}
