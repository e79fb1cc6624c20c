//! A deployment's log, followed live.

use components::log::{LogBuffer, LogView};
use leptos::prelude::*;
use models::{
    DeploymentId, WorkspaceId,
    api::workspace::deployment::{StreamLogLines, StreamLogLinesPath, StreamLogLinesQuery},
    deployment::LogLine,
};

use super::handed::Handed;
use crate::live::{
    LinkNotice, Next, follow,
    message::{self, Kind, LogMessage},
};

/// Before any line there was; a stream that begins here leaves nothing out.
const BEFORE_ALL: i64 = -1;

/// The lines of a log, and those to come.
#[island]
pub(crate) fn Log(
    /// The workspace that owns the deployment.
    workspace_id: WorkspaceId,
    /// The deployment.
    deployment_id: DeploymentId,
    /// The newest lines.
    lines: Handed<Vec<LogLine>>,
) -> impl IntoView {
    let lines = RwSignal::new(LogBuffer::new(lines.0));
    let path = StreamLogLinesPath {
        workspace_id,
        deployment_id,
    };
    let link = follow::<StreamLogLines>(
        path,
        move || StreamLogLinesQuery {
            after: Some(lines.read_untracked().last_position().unwrap_or(BEFORE_ALL)),
        },
        move |text| {
            let Some(LogMessage { kind, lines: new }) = message::read(text) else {
                return Next::Listen;
            };
            lines.try_update(|lines| lines.append(new));
            if kind == Kind::Gone {
                Next::Close
            } else {
                Next::Listen
            }
        },
    );
    view! {
        <LogView
            lines=lines
            empty="The app has printed nothing yet. Lines appear here as it does."
        />
        <LinkNotice link=link />
    }
}
