//! Reading logs, one segment at a time.

mod scan;

use models::{
    DeploymentId, InstanceId, WorkspaceId,
    api::workspace::deployment::{
        DEFAULT_LOG_LINES, ListLogLinesQuery, ListLogLinesResponse, MAX_LOG_LINES,
    },
    deployment::LogLine,
};

use super::filter::Filter;
use crate::{app::App, error::AppError, store};

pub use scan::Room;
use scan::{Direction, End, ScanQuery};

/// Lists lines of a deployment's log for a query.
pub async fn list(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &ListLogLinesQuery,
) -> Result<ListLogLinesResponse, AppError> {
    list_within(app, workspace_id, deployment_id, query, Room::OF_A_REQUEST).await
}

/// Lists lines like [`list`], within limits on what to read and return.
pub async fn list_within(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    query: &ListLogLinesQuery,
    room: Room,
) -> Result<ListLogLinesResponse, AppError> {
    let scan_query = ScanQuery {
        direction: match query.after {
            Some(_) => Direction::Newer,
            None => Direction::Older,
        },
        after: query.after.unwrap_or(i64::MIN),
        before: query.before.unwrap_or(i64::MAX),
        limit: query.limit.unwrap_or(DEFAULT_LOG_LINES).into(),
        filter: Filter::of(query)?,
        room,
    };
    // Read first: lines that arrive later are neither promised nor missed.
    let bounds = store::log_segment::bounds(&app.db, workspace_id, deployment_id).await?;
    let scan = scan::run(app, workspace_id, deployment_id, scan_query).await?;
    let is_before = |position| bounds.first_position.is_some_and(|first| first < position);
    let is_behind = |position| bounds.last_position.is_some_and(|last| last > position);
    let went_on = scan.end != End::NoMore;
    let (older, newer) = if let Some(after) = query.after {
        let behind = after.saturating_add(1);
        (
            Some(behind).filter(|position| is_before(*position)),
            went_on.then_some(scan.reached),
        )
    } else {
        let before = query.before.map(|before| before.saturating_sub(1));
        (
            Some(scan.reached).filter(|position| went_on && is_before(*position)),
            before.filter(|position| is_behind(*position)),
        )
    };
    Ok(ListLogLinesResponse {
        lines: scan.lines,
        older,
        newer,
        is_complete: scan.end != End::NoRoom,
    })
}

/// Lines after a position.
#[derive(Clone, Debug)]
pub struct Following {
    /// The lines, oldest first; at most one message's worth.
    pub lines: Vec<LogLine>,
    /// Position that the search reached; the next lines come after it.
    pub reached: i64,
    /// True if more lines may exist already.
    pub has_more: bool,
}

/// Reads the lines after a position, of one instance or of all.
pub async fn following(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    position: i64,
    instance_id: Option<InstanceId>,
) -> Result<Following, AppError> {
    let filter = Filter::of_instance(instance_id);
    let range = (position, i64::MAX);
    from_here_on(app, workspace_id, deployment_id, range, filter).await
}

/// Reads the lines between two positions, oldest first.
pub(super) async fn from_here_on(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    (after, before): (i64, i64),
    filter: Filter,
) -> Result<Following, AppError> {
    let scan_query = ScanQuery {
        direction: Direction::Newer,
        after,
        before,
        limit: MAX_LOG_LINES.into(),
        filter,
        room: Room::OF_A_MESSAGE,
    };
    let scan = scan::run(app, workspace_id, deployment_id, scan_query).await?;
    Ok(Following {
        lines: scan.lines,
        reached: scan.reached,
        has_more: scan.end != End::NoMore,
    })
}

/// Returns the position of a deployment's newest line; 0 if it has none.
pub async fn end(
    app: &App,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<i64, AppError> {
    let bounds = store::log_segment::bounds(&app.db, workspace_id, deployment_id).await?;
    Ok(bounds.last_position.unwrap_or(0))
}
