//! `/workspace/{workspace_id}/deployment/{deployment_id}/logs`: a deployment's log.

use components::log::{Line, LogPage};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use models::{
    api::workspace::deployment::{
        DownloadLog, DownloadLogPath, ListLogLines, ListLogLinesPath, ListLogLinesResponse,
        StreamLogLines, StreamLogLinesPath, StreamLogLinesQuery,
    },
    client::{stream_url, url},
    deployment::Deployment,
};

use super::tabs::{DeploymentHeader, DeploymentPage, DeploymentTab};
use crate::{
    account::Grants,
    api_call::ApiCall,
    islands::log::Log,
    load::{Loaded, load},
    paths,
    sections::log_filter::{LogFilter, LogFilterForm},
};

/// A deployment's log: live, or the lines that match a search.
#[component]
pub(crate) fn ListLogLinesPage() -> impl IntoView {
    view! { <DeploymentPage tab=DeploymentTab::Logs body=log /> }
}

fn log(deployment: Deployment, grants: Grants) -> AnyView {
    let Deployment {
        workspace_id,
        deployment_id,
        ..
    } = deployment;
    let filter = use_query_map().with_untracked(LogFilter::read);
    let page = paths::logs(workspace_id, deployment_id);
    let path = ListLogLinesPath {
        workspace_id,
        deployment_id,
    };
    let query = filter.query();
    let lines = load::<ListLogLines>(Some(path.clone()), query.clone());
    let stream = StreamLogLinesPath {
        workspace_id,
        deployment_id,
    };
    let following = StreamLogLinesQuery {
        after: None,
        instance_id: filter.instance(),
    };
    let stream = stream_url::<StreamLogLines>(&stream, &following).unwrap_or_default();
    let download = DownloadLogPath {
        workspace_id,
        deployment_id,
    };
    let download = url::<DownloadLog>(&download, &filter.download()).unwrap_or_default();
    let instances = deployment.observed.instances.clone();
    let (shown, address) = (filter.clone(), page.clone());
    let view = move |answer: ListLogLinesResponse, _| {
        if shown.is_live() {
            live(answer, &shown, &address, stream.clone())
        } else {
            still(answer, &shown, &address)
        }
    };
    view! {
        <DeploymentHeader tab=DeploymentTab::Logs deployment=deployment grants=grants />
        <LogFilterForm page=page filter=filter instances=instances download=download />
        <Loaded loading=lines view=view />
        <ApiCall endpoint=ListLogLines path=path query=query />
    }
    .into_any()
}

/// Renders the newest lines, and follows new ones.
fn live(answer: ListLogLinesResponse, filter: &LogFilter, page: &str, stream: String) -> AnyView {
    let older = answer.older.map(|before| filter.older(page, before));
    let lines = answer.lines.into_iter().map(Line::from).collect();
    view! { <Log stream=stream lines=lines older=older /> }.into_any()
}

/// Renders the lines of a search.
fn still(answer: ListLogLinesResponse, filter: &LogFilter, page: &str) -> AnyView {
    let (back, on) = if answer.is_complete {
        ("Older lines", "Newer lines")
    } else {
        ("Search earlier lines", "Search later lines")
    };
    let mut elsewhere = Vec::new();
    if let Some(before) = answer.older {
        elsewhere.push((back.to_owned(), filter.older(page, before)));
    }
    if let Some(after) = answer.newer {
        elsewhere.push((on.to_owned(), filter.newer(page, after)));
        elsewhere.push(("Newest lines".to_owned(), filter.newest(page)));
    }
    let empty = if answer.is_complete {
        "No matching lines."
    } else {
        "No matches in the lines searched so far."
    };
    let lines: Vec<Line> = answer.lines.into_iter().map(Line::from).collect();
    view! { <LogPage lines=lines search=filter.search.clone() empty=empty elsewhere=elsewhere /> }
        .into_any()
}
