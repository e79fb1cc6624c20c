//! `/workspace/{workspace_id}/deployment/{deployment_id}/logs`

use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        ListLogLines, ListLogLinesPath, ListLogLinesQuery, ListLogLinesResponse,
    },
    deployment::Deployment,
};

use super::place::{DeploymentHeader, DeploymentPage, Place};
use crate::{
    account::Rights,
    api_call::ApiCall,
    islands::{handed::Handed, log::Log},
    load::{Loaded, load},
};

/// A deployment's log, followed live.
#[component]
pub(crate) fn ListLogLinesPage() -> impl IntoView {
    view! { <DeploymentPage place=Place::Logs body=log /> }
}

fn log(deployment: Deployment, _: Rights) -> AnyView {
    let Deployment {
        workspace_id,
        deployment_id,
        ..
    } = deployment;
    let path = ListLogLinesPath {
        workspace_id,
        deployment_id,
    };
    let newest = ListLogLinesQuery {
        after: None,
        limit: None,
    };
    let lines = load::<ListLogLines>(Some(path.clone()), newest.clone());
    let view = move |ListLogLinesResponse { lines }, _| {
        view! { <Log workspace_id=workspace_id deployment_id=deployment_id lines=Handed(lines) /> }
            .into_any()
    };
    view! {
        <DeploymentHeader place=Place::Logs deployment=deployment />
        <Loaded loading=lines view=view />
        <ApiCall endpoint=ListLogLines path=path query=newest />
    }
    .into_any()
}
