//! State of watched tags, for deployments with auto-deploy.

use models::{
    DeploymentId, WorkspaceId,
    deployment::{Failure, TagStatus},
    time::Timestamp,
    value::{ImageDigest, ImageReference},
};
use sqlx::types::Json;

use super::release::read_digest;
use crate::db::{Source, StoreError, Tx, execute, fetch_optional, statements};

statements! {
    FIND = "SELECT w.is_on, w.image, w.poll_serial, w.is_held, w.digest, w.failure, w.checked_at,
                   w.handled_digest, w.pinned_digest, w.released_at
            FROM tag_watch w
            JOIN deployment d ON d.deployment_id = w.deployment_id
            WHERE d.workspace_id = $1 AND w.deployment_id = $2";
    // The subquery is the tenant check.
    PUT = "INSERT INTO tag_watch
           (deployment_id, is_on, image, poll_serial, is_held, digest, failure, checked_at, handled_digest,
            pinned_digest, released_at)
           SELECT d.deployment_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM deployment d
           WHERE d.workspace_id = $1 AND d.deployment_id = $2
           ON CONFLICT (deployment_id) DO UPDATE
           SET is_on = excluded.is_on, image = excluded.image, poll_serial = excluded.poll_serial,
               is_held = excluded.is_held, digest = excluded.digest, failure = excluded.failure,
               checked_at = excluded.checked_at, handled_digest = excluded.handled_digest,
               pinned_digest = excluded.pinned_digest, released_at = excluded.released_at";
}

/// State of a deployment's watched tag.
#[derive(Clone, Debug)]
pub struct TagWatch {
    /// True if auto-deploy is on.
    pub is_on: bool,
    /// Image of the settings; all fields below are about its tag.
    pub image: ImageReference,
    /// Grows whenever the runner should resolve the tag now.
    pub poll_serial: i64,
    /// True if the result of that check must not be deployed.
    pub is_held: bool,
    /// Digest at which the tag was last resolved.
    pub digest: Option<ImageDigest>,
    /// Failure of the last check; `None` if it succeeded.
    pub failure: Option<Failure>,
    /// Time of the last check.
    pub checked_at: Option<Timestamp>,
    /// Digest that is not auto-deployed again until the tag has had another one.
    pub handled_digest: Option<ImageDigest>,
    /// Digest for releases of the settings; if absent, whatever the runner resolves.
    pub pinned_digest: Option<ImageDigest>,
    /// Time of the last release by auto-deploy.
    pub released_at: Option<Timestamp>,
}

impl TagWatch {
    /// Returns the state of an image's tag that is not watched and never was.
    pub fn off(image: ImageReference) -> Self {
        Self {
            is_on: false,
            image,
            poll_serial: 0,
            is_held: false,
            digest: None,
            failure: None,
            checked_at: None,
            handled_digest: None,
            pinned_digest: None,
            released_at: None,
        }
    }

    /// Converts to the result that the API returns; `None` before the first check.
    pub fn read(&self) -> Option<TagStatus> {
        let checked_at = self.checked_at.filter(|_| self.is_on)?;
        let is_left_alone = self.handled_digest == self.digest
            && self.pinned_digest.is_some()
            && self.pinned_digest != self.digest;
        Some(TagStatus {
            checked_at,
            digest: self.digest.clone(),
            is_held: self.is_held || is_left_alone,
            failure: self.failure.clone(),
        })
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    is_on: i64,
    image: String,
    poll_serial: i64,
    is_held: i64,
    digest: Option<String>,
    failure: Option<Json<Failure>>,
    checked_at: Option<i64>,
    handled_digest: Option<String>,
    pinned_digest: Option<String>,
    released_at: Option<i64>,
}

impl From<Row> for TagWatch {
    fn from(row: Row) -> Self {
        Self {
            is_on: row.is_on != 0,
            image: ImageReference::trusted(row.image),
            poll_serial: row.poll_serial,
            is_held: row.is_held != 0,
            digest: read_digest(row.digest),
            failure: row.failure.map(|Json(failure)| failure),
            checked_at: row.checked_at.map(Timestamp::from_micros),
            handled_digest: read_digest(row.handled_digest),
            pinned_digest: read_digest(row.pinned_digest),
            released_at: row.released_at.map(Timestamp::from_micros),
        }
    }
}

/// Finds the tag state of a deployment; `None` if auto-deploy was never on.
///
/// # Errors
/// Database errors.
pub async fn find(
    source: impl Into<Source<'_>>,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
) -> Result<Option<TagWatch>, StoreError> {
    let mut source = source.into();
    let row = fetch_optional!(source, Row, FIND, workspace_id.uuid(), deployment_id.uuid(),)?;
    Ok(row.map(TagWatch::from))
}

/// Stores the tag state of a workspace's deployment.
///
/// The caller must hold the lock of the deployment's row.
///
/// # Errors
/// Database errors.
pub async fn put(
    tx: &mut Tx,
    workspace_id: WorkspaceId,
    deployment_id: DeploymentId,
    watch: &TagWatch,
) -> Result<(), StoreError> {
    execute!(
        tx,
        PUT,
        workspace_id.uuid(),
        deployment_id.uuid(),
        i64::from(watch.is_on),
        watch.image.as_str(),
        watch.poll_serial,
        i64::from(watch.is_held),
        watch.digest.as_ref().map(ImageDigest::as_str),
        watch.failure.as_ref().map(Json),
        watch.checked_at.map(Timestamp::micros),
        watch.handled_digest.as_ref().map(ImageDigest::as_str),
        watch.pinned_digest.as_ref().map(ImageDigest::as_str),
        watch.released_at.map(Timestamp::micros),
    )?;
    Ok(())
}
