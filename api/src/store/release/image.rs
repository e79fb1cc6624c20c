//! Images of releases.

use models::{RunnerId, deployment::ImageDescription, value::ImageDigest};
use sqlx::types::Json;
use uuid::Uuid;

use super::read_digest;
use crate::{
    db::{Db, Source, StoreError, Tx, fetch_all, fetch_optional, statements},
    store::deployment::Deployment,
};

statements! {
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
    NEWEST_IMAGE = "SELECT image FROM release WHERE deployment_id = $1 AND image IS NOT NULL
                    ORDER BY number DESC LIMIT 1";
    WITH_DIGEST = "SELECT release_id FROM release
                   WHERE deployment_id = $1 AND image_digest = $2 LIMIT 1";
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
