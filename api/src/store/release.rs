//! Releases: rows, and ways to find them.

mod deadline;
mod image;
mod progress;
mod row;

use models::{DeploymentId, ReleaseId, WorkspaceId, deployment::ReleaseMarker, time::Timestamp};
use uuid::Uuid;

pub(super) use self::row::{parse_phase, read_digest};
#[cfg(test)]
pub(crate) use self::{deadline::ALL as DEADLINE, image::ALL as IMAGE, progress::ALL as PROGRESS};
pub use self::{
    deadline::{Overdue, overdue, postpone},
    image::{digests_of_runner, has_digest, newest_image},
    progress::{ReleaseUpdate, advance, clear_settings_change, insert, phases, record_progress},
    row::{NewRelease, Release},
};
use super::{Rows, deployment::Deployment};
use crate::db::{
    Snapshot, Source, StoreError, fetch_all, fetch_one, fetch_optional, is_under_way, statements,
};

/// The columns of [`Release`].
macro_rules! select {
    ($($rest:expr),+ $(,)?) => {
        concat!(
            "SELECT l.release_id, l.deployment_id, l.number, l.phase, l.deadline_at, l.spec,
                    l.sealed_fields, l.image_digest, l.image_source, l.failure, l.progress, l.reason,
                    l.repeats, l.starts, l.changes_settings, l.created_by_kind,
                    l.created_by_name,
                    l.created_at
             FROM release l ",
            $($rest),+
        )
    };
}

statements! {
    OF = select!("WHERE l.deployment_id = $1 AND l.release_id = $2");
    LIVE = select!(
        "JOIN deployment d ON d.live_release_id = l.release_id
         WHERE d.deployment_id = $1 AND l.deployment_id = $1"
    );
    FIND_OF = select!(
        "JOIN deployment d ON d.deployment_id = l.deployment_id
         WHERE d.workspace_id = $1 AND l.deployment_id = $2 AND l.release_id = $3"
    );
    NEWEST = select!("WHERE l.deployment_id = $1 ORDER BY l.number DESC LIMIT 1");
    UNDER_WAY = select!(
        "WHERE l.deployment_id = $1 AND ",
        is_under_way!("l.phase"),
        " ORDER BY l.number DESC LIMIT 1"
    );
    LIST = select!(
        "JOIN deployment d ON d.deployment_id = l.deployment_id
         WHERE d.workspace_id = $1 AND l.deployment_id = $2 AND l.number < $3
         ORDER BY l.number DESC LIMIT $4"
    );
    COUNT = "SELECT COUNT(*) FROM release WHERE deployment_id = $1";
    BECAME_LIVE = "SELECT r.release_id, r.number, p.at
                   FROM release r
                   JOIN deployment d ON d.deployment_id = r.deployment_id
                   JOIN release_phase p ON p.release_id = r.release_id
                   WHERE d.workspace_id = $1 AND r.deployment_id = $2 AND p.phase = 'live'
                     AND p.at >= $3 AND p.at < $4
                   ORDER BY p.at DESC LIMIT 100";
}

/// Finds a deployment's release by its id.
///
/// # Errors
/// Database errors.
pub async fn of(
    source: impl Into<Source<'_>>,
    deployment: &Deployment,
    release_id: ReleaseId,
) -> Result<Option<Release>, StoreError> {
    let mut source = source.into();
    let deployment_id = deployment.deployment_id().uuid();
    fetch_optional!(source, Release, OF, deployment_id, release_id.uuid())
}

/// Finds a deployment's live release.
///
/// # Errors
/// Database errors.
pub async fn live(
    source: impl Into<Source<'_>>,
    deployment: &Deployment,
) -> Result<Option<Release>, StoreError> {
    let mut source = source.into();
    fetch_optional!(source, Release, LIVE, deployment.deployment_id().uuid())
}

/// Finds a release of a workspace's deployment.
///
/// # Errors
/// [`StoreError::NotFound`] when there is no such release.
pub async fn find_of(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    release_id: ReleaseId,
) -> Result<Release, StoreError> {
    let mut source = source.into();
    fetch_one!(
        source,
        Release,
        FIND_OF,
        workspace_id.uuid(),
        deployment_id.uuid(),
        release_id.uuid(),
    )
}

/// Finds a deployment's newest release.
///
/// # Errors
/// Database errors.
pub async fn newest(
    source: impl Into<Source<'_>>,
    deployment: &Deployment,
) -> Result<Option<Release>, StoreError> {
    let mut source = source.into();
    fetch_optional!(source, Release, NEWEST, deployment.deployment_id().uuid())
}

/// Finds a deployment's release that is under way.
///
/// # Errors
/// Database errors.
pub async fn under_way(
    source: impl Into<Source<'_>>,
    deployment: &Deployment,
) -> Result<Option<Release>, StoreError> {
    let mut source = source.into();
    fetch_optional!(
        source,
        Release,
        UNDER_WAY,
        deployment.deployment_id().uuid()
    )
}

/// Lists a deployment's releases before a number, newest first.
///
/// # Errors
/// Database errors.
pub async fn list(
    snapshot: &mut Snapshot,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    before: i64,
    limit: i64,
) -> Result<Rows<Release>, StoreError> {
    let rows = fetch_all!(
        snapshot,
        Release,
        LIST,
        workspace_id.uuid(),
        deployment_id.uuid(),
        before,
        limit,
    )?;
    let (total,) = fetch_one!(snapshot, (i64,), COUNT, deployment_id.uuid())?;
    Ok(Rows { rows, total })
}

/// Lists the releases that became live within a range, oldest first.
///
/// Returns the newest 100 at most.
///
/// # Errors
/// Database errors.
pub async fn became_live(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<ReleaseMarker>, StoreError> {
    let mut source = source.into();
    let rows = fetch_all!(
        source,
        (Uuid, i64, i64),
        BECAME_LIVE,
        workspace_id.uuid(),
        deployment_id.uuid(),
        from.micros(),
        to.micros(),
    )?;
    let markers = rows.into_iter().rev();
    Ok(markers
        .map(|(id, number, at)| ReleaseMarker {
            release_id: id.into(),
            number,
            at: Timestamp::from_micros(at),
        })
        .collect())
}
