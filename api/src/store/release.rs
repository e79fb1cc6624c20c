//! Releases and their phases.

mod deadline;
mod row;

use models::{
    DeploymentId, ReleaseId, RunnerId, UserId, WorkspaceId,
    deployment::{
        Failure, ImageDescription, ImageSource, PhaseChange, Progress, ReleaseMarker, ReleasePhase,
    },
    time::Timestamp,
    value::ImageDigest,
};
use sqlx::types::Json;
use uuid::Uuid;

#[cfg(test)]
pub(crate) use self::deadline::ALL as DEADLINE;
pub use self::deadline::{Overdue, overdue, postpone};
pub use self::row::{NewRelease, Release};
pub(super) use self::row::{parse_phase, read_digest};
use super::{
    Rows,
    deployment::{Deployment, LockedDeployment},
};
use crate::db::{
    Db, Snapshot, Source, StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional,
    is_under_way, statements,
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
    INSERT = "INSERT INTO release
              (release_id, deployment_id, number, phase, phase_at, deadline_at, spec,
               sealed_fields, image_digest, reason, repeats, created_by, created_by_name,
               created_at, starts, changes_settings, created_by_kind)
              VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12, $4, $13, $14, $15)";
    INSERT_PHASE = "INSERT INTO release_phase (release_id, phase, at) VALUES ($1, $2, $3)
                    ON CONFLICT (release_id, phase) DO NOTHING";
    PHASES = "SELECT phase, at FROM release_phase WHERE release_id = $1 ORDER BY at";
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
    ADVANCE = concat!(
              "UPDATE release
               SET phase = $2, phase_at = $3, deadline_at = $4, failure = $5, progress = $6,
                   image_digest = COALESCE($7, image_digest), image = COALESCE($8, image),
                   image_source = COALESCE($9, image_source)
               WHERE release_id = $1 AND deployment_id = $10 AND ",
              is_under_way!("phase")
    );
    RECORD_PROGRESS = "UPDATE release
                       SET progress = COALESCE($2, progress), image_digest = COALESCE($3, image_digest),
                           image = COALESCE($4, image), image_source = COALESCE($5, image_source)
                       WHERE release_id = $1 AND deployment_id = $6";
    CLEAR_SETTINGS_CHANGE = concat!(
        "UPDATE release SET changes_settings = 0 WHERE deployment_id = $1 AND ",
        is_under_way!("phase")
    );
    WITH_DIGEST = "SELECT release_id FROM release
                   WHERE deployment_id = $1 AND image_digest = $2 LIMIT 1";
    NEWEST_IMAGE = "SELECT image FROM release WHERE deployment_id = $1 AND image IS NOT NULL
                    ORDER BY number DESC LIMIT 1";
    BECAME_LIVE = "SELECT r.release_id, r.number, p.at
                   FROM release r
                   JOIN deployment d ON d.deployment_id = r.deployment_id
                   JOIN release_phase p ON p.release_id = r.release_id
                   WHERE d.workspace_id = $1 AND r.deployment_id = $2 AND p.phase = 'live'
                     AND p.at >= $3 AND p.at < $4
                   ORDER BY p.at DESC LIMIT 100";
    DIGESTS_OF_RUNNER = "SELECT DISTINCT image_digest FROM (
                           SELECT image_digest, ROW_NUMBER() OVER (
                               PARTITION BY deployment_id ORDER BY newest DESC
                           ) AS place
                           FROM (
                             SELECT r.deployment_id, r.image_digest, MAX(r.number) AS newest
                             FROM release r
                             JOIN deployment d ON d.deployment_id = r.deployment_id
                             WHERE d.runner_id = $1 AND r.image_digest IS NOT NULL
                               AND r.phase NOT IN ('failed', 'cancelled')
                             GROUP BY r.deployment_id, r.image_digest
                           ) AS image
                         ) AS ranked
                         WHERE place <= $2 ORDER BY image_digest";
}

/// Lists the newest image digests of each of a runner's deployments.
///
/// A limit applies to each deployment. Failed and canceled releases do not count.
///
/// # Errors
/// Database errors.
pub async fn digests_of_runner(
    db: &Db,
    runner_id: RunnerId,
    of_each: i64,
) -> Result<Vec<ImageDigest>, StoreError> {
    let rows = fetch_all!(db, (String,), DIGESTS_OF_RUNNER, runner_id.uuid(), of_each)?;
    let digests = rows.into_iter().map(|(digest,)| read_digest(Some(digest)));
    Ok(digests.flatten().collect())
}

/// Inserts a release of a deployment, in phase `queued`.
///
/// # Errors
/// Database errors.
pub async fn insert(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    release: NewRelease<'_>,
) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT,
        release.release_id.uuid(),
        deployment.deployment_id().uuid(),
        release.number,
        release.at.micros(),
        release.deadline_at.map(Timestamp::micros),
        Json(release.spec),
        release.sealed_fields,
        release.image_digest.map(ImageDigest::as_str),
        release.reason.name(),
        release.repeats,
        release.created_by.map(UserId::uuid),
        release.created_by_name,
        i64::from(release.starts),
        i64::from(release.changes_settings),
        release.created_by_kind.name(),
    )?;
    insert_phase(tx, release.release_id, ReleasePhase::Queued, release.at).await
}

async fn insert_phase(
    tx: &mut Tx,
    release_id: ReleaseId,
    phase: ReleasePhase,
    at: Timestamp,
) -> Result<(), StoreError> {
    execute!(
        tx,
        INSERT_PHASE,
        release_id.uuid(),
        phase.name(),
        at.micros(),
    )?;
    Ok(())
}

/// Returns the time at which a release reached each phase.
///
/// # Errors
/// Database errors.
pub async fn phases(
    source: impl Into<Source<'_>>,
    release: &Release,
) -> Result<Vec<PhaseChange>, StoreError> {
    let mut source = source.into();
    let rows = fetch_all!(source, (String, i64), PHASES, release.release_id().uuid())?;
    let mut phases = rows
        .into_iter()
        .map(|(phase, at)| {
            Ok(PhaseChange {
                phase: parse_phase(&phase)?,
                at: Timestamp::from_micros(at),
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    // Phases reached in the same microsecond keep their order.
    phases.sort_by_key(|change| (change.at, change.phase));
    Ok(phases)
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

/// Facts about a release besides its phase.
///
/// Absent fields leave the stored digest, image and image source as they are.
#[derive(Clone, Debug, Default)]
pub struct ReleaseUpdate {
    /// Digest of the image.
    pub image_digest: Option<ImageDigest>,
    /// Description of the image.
    pub image: Option<ImageDescription>,
    /// Source of the image.
    pub image_source: Option<ImageSource>,
    /// Progress of the current phase.
    pub progress: Option<Progress>,
    /// Reason of the failure.
    pub failure: Option<Failure>,
}

/// Moves a release to a phase; returns true if it was still under way.
///
/// # Errors
/// Database errors.
pub async fn advance(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    release_id: ReleaseId,
    phase: ReleasePhase,
    update: &ReleaseUpdate,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let deadline_at = phase.deadline_ms().map(|ms| at.plus_millis(ms).micros());
    let changed = execute!(
        tx,
        ADVANCE,
        release_id.uuid(),
        phase.name(),
        at.micros(),
        deadline_at,
        update.failure.as_ref().map(Json),
        update.progress.as_ref().map(Json),
        update.image_digest.as_ref().map(ImageDigest::as_str),
        update.image.as_ref().map(Json),
        update.image_source.map(Json),
        deployment.deployment_id().uuid(),
    )?;
    if changed > 0 {
        insert_phase(tx, release_id, phase, at).await?;
    }
    Ok(changed > 0)
}

/// Stores more facts about a release that stays in its phase.
///
/// # Errors
/// Database errors.
pub async fn record_progress(
    tx: &mut Tx,
    deployment: &LockedDeployment,
    release_id: ReleaseId,
    update: &ReleaseUpdate,
) -> Result<(), StoreError> {
    execute!(
        tx,
        RECORD_PROGRESS,
        release_id.uuid(),
        update.progress.as_ref().map(Json),
        update.image_digest.as_ref().map(ImageDigest::as_str),
        update.image.as_ref().map(Json),
        update.image_source.map(Json),
        deployment.deployment_id().uuid(),
    )?;
    Ok(())
}

/// Finds the description of the newest image that a deployment's runner has.
///
/// # Errors
/// Database errors.
pub async fn newest_image(
    source: impl Into<Source<'_>>,
    deployment: &Deployment,
) -> Result<Option<ImageDescription>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(
        source,
        (Json<ImageDescription>,),
        NEWEST_IMAGE,
        deployment.deployment_id().uuid()
    )?;
    Ok(row.map(|(Json(image),)| image))
}

/// Keeps the release under way from changing the settings when it becomes live.
///
/// # Errors
/// Database errors.
pub async fn clear_settings_change(
    tx: &mut Tx,
    deployment: &LockedDeployment,
) -> Result<(), StoreError> {
    execute!(tx, CLEAR_SETTINGS_CHANGE, deployment.deployment_id().uuid())?;
    Ok(())
}

/// True if a deployment ever had a release with this image digest.
///
/// # Errors
/// Database errors.
pub async fn has_digest(
    tx: &mut Tx,
    deployment: &Deployment,
    digest: &ImageDigest,
) -> Result<bool, StoreError> {
    let (id, digest) = (deployment.deployment_id().uuid(), digest.as_str());
    let row = fetch_optional!(tx, (Uuid,), WITH_DIGEST, id, digest)?;
    Ok(row.is_some())
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
