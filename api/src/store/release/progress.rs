//! Progress of releases: phases, and facts that become known on the way.

use models::{
    ReleaseId, UserId,
    deployment::{Failure, ImageDescription, ImageSource, PhaseChange, Progress, ReleasePhase},
    time::Timestamp,
    value::ImageDigest,
};
use sqlx::types::Json;

use super::{NewRelease, Release, parse_phase};
use crate::{
    db::{Source, StoreError, Tx, execute, fetch_all, is_under_way, statements},
    store::deployment::LockedDeployment,
};

statements! {
    INSERT = "INSERT INTO release
              (release_id, deployment_id, number, phase, phase_at, deadline_at, spec,
               sealed_fields, image_digest, reason, repeats, created_by, created_by_name,
               created_at, starts, changes_settings, created_by_kind)
              VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7, $8, $9, $10, $11, $12, $4, $13, $14, $15)";
    INSERT_PHASE = "INSERT INTO release_phase (release_id, phase, at) VALUES ($1, $2, $3)
                    ON CONFLICT (release_id, phase) DO NOTHING";
    PHASES = "SELECT phase, at FROM release_phase WHERE release_id = $1 ORDER BY at";
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
