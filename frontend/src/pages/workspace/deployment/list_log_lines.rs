//! `/workspace/{workspace_id}/deployment/{deployment_id}/logs`

use components::log::{LogBuffer, LogView};
use leptos::prelude::*;
use models::{
    api::workspace::deployment::{
        ListLogLines, ListLogLinesPath, ListLogLinesQuery, ListLogLinesResponse, StreamLogLines,
        StreamLogLinesPath, StreamLogLinesQuery, StreamLogLinesServerMessage,
    },
    deployment::Deployment,
};

use super::header::{DeploymentPage, Place};
use crate::{
    api_call::ApiCall,
    live::{LinkNotice, Next, follow},
    load::{Loaded, load},
};

/// Before any line there was; a stream that begins here leaves nothing out.
const BEFORE_ALL: i64 = -1;

/// A deployment's log, followed live.
#[component]
pub(crate) fn ListLogLinesPage() -> impl IntoView {
    view! {
        <DeploymentPage
            place=Place::Logs
            body=|deployment| view! { <Log deployment=deployment /> }.into_any()
        />
    }
}

#[component]
fn Log(deployment: RwSignal<Deployment>) -> impl IntoView {
    let Deployment {
        workspace_id,
        deployment_id,
        ..
    } = deployment.get_untracked();
    let path = ListLogLinesPath {
        workspace_id,
        deployment_id,
    };
    let newest = ListLogLinesQuery {
        after: None,
        limit: None,
    };
    let loaded_path = path.clone();
    let log = load::<ListLogLines>(move || Some(loaded_path.clone()), newest.clone());
    let stream = StreamLogLinesPath {
        workspace_id,
        deployment_id,
    };
    let view = move |answer: RwSignal<ListLogLinesResponse>| {
        let lines = answer.try_update(|answer| std::mem::take(&mut answer.lines));
        let lines = RwSignal::new(LogBuffer::new(lines.unwrap_or_default()));
        view! { <Followed path=stream.clone() lines=lines /> }.into_any()
    };
    view! {
        <Loaded loading=log view=view />
        <ApiCall endpoint=ListLogLines path=path query=newest />
    }
}

#[component]
fn Followed(path: StreamLogLinesPath, lines: RwSignal<LogBuffer>) -> impl IntoView {
    let link = follow::<StreamLogLines>(
        path,
        move || StreamLogLinesQuery {
            after: Some(lines.read_untracked().last_position().unwrap_or(BEFORE_ALL)),
        },
        move |message| match message {
            StreamLogLinesServerMessage::Lines { lines: new } => {
                lines.try_update(|lines| lines.append(new));
                Next::Listen
            }
            StreamLogLinesServerMessage::Gone => Next::Close,
        },
    );
    view! {
        <LogView lines=lines empty="The app has printed nothing yet. Lines appear here as it does." />
        <LinkNotice link=link />
    }
}
