//! Log download as text, read piece by piece as the client receives it.

use std::fmt::Write;

use bytes::Bytes;
use futures::{Stream, stream};
use models::{
    DeploymentId, WorkspaceId, ansi,
    api::workspace::deployment::DownloadLogQuery,
    deployment::{LogLine, LogStream},
};

use super::{filter::Filter, read::from_here_on};
use crate::{app::App, error::AppError, store};

/// Mark at the end of a line that was cut and continues in the next one.
const CUT: &str = " [cut]";

/// Returns the lines that a deployment has now, oldest first.
pub async fn download(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &DownloadLogQuery,
) -> Result<impl Stream<Item = Result<Bytes, AppError>> + Send + use<>, AppError> {
    let filter = Filter::of_download(query)?;
    let bounds = store::log_segment::bounds(&app.db, workspace_id, deployment_id).await?;
    // Without an end, an app that prints faster than the client reads would never let it
    // finish.
    let before = bounds
        .last_position
        .map_or(i64::MIN, |last| last.saturating_add(1));
    let app = app.clone();
    let pieces = stream::try_unfold(Some(i64::MIN), move |after| {
        let (app, filter) = (app.clone(), filter.clone());
        async move {
            let Some(after) = after else {
                return Ok(None);
            };
            let piece =
                from_here_on(&app, workspace_id, deployment_id, (after, before), filter).await?;
            let next = piece.has_more.then_some(piece.reached);
            Ok(Some((text(&piece.lines), next)))
        }
    });
    Ok(pieces)
}

fn text(lines: &[LogLine]) -> Bytes {
    let mut text = String::new();
    for line in lines {
        let stream = match line.stream {
            LogStream::Stdout => "out",
            LogStream::Stderr => "err",
        };
        let cut = if line.is_cut { CUT } else { "" };
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            text,
            "{} {} {stream} {}{cut}",
            line.at,
            line.instance_id,
            ansi::plain(&line.text)
        );
    }
    text.into()
}
