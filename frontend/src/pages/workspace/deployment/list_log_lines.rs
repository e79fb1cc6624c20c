//! `/workspace/{workspace_id}/deployment/{deployment_id}/logs`

use components::log::Line;
use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        ListLogLines, ListLogLinesPath, ListLogLinesQuery, ListLogLinesResponse, StreamLogLines,
        StreamLogLinesPath, StreamLogLinesQuery,
    },
    client::stream_url,
    deployment::Deployment,
};

use super::place::{DeploymentHeader, DeploymentPage, Place};
use crate::{
    account::Rights,
    api_call::ApiCall,
    islands::log::Log,
    load::{Loaded, load},
};

/// A deployment's log, followed live.
#[component]
pub(crate) fn ListLogLinesPage() -> impl IntoView {
    view! { <DeploymentPage place=Place::Logs body=log /> }
}

fn log(deployment: Deployment, rights: Rights) -> AnyView {
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
    let all = StreamLogLinesQuery { after: None };
    let stream = StreamLogLinesPath {
        workspace_id,
        deployment_id,
    };
    let stream = stream_url::<StreamLogLines>(&stream, &all).unwrap_or_default();
    let view = move |ListLogLinesResponse { lines }, _| {
        let lines = lines.into_iter().map(Line::from).collect();
        view! { <Log stream=stream.clone() lines=lines /> }.into_any()
    };
    view! {
        <DeploymentHeader place=Place::Logs deployment=deployment rights=rights />
        <Loaded loading=lines view=view />
        <ApiCall endpoint=ListLogLines path=path query=newest />
    }
    .into_any()
}
