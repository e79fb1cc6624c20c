//! The row of a release.

use models::{
    DeploymentId, ReleaseId, UserId,
    actor::{ActorKind, Author},
    deployment::{Failure, ImageSource, Progress, ReleasePhase, ReleaseReason, Spec},
    time::Timestamp,
    value::{DisplayName, ImageDigest},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::StoreError;

/// A release's row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Release {
    release_id: Uuid,
    deployment_id: Uuid,
    /// Number among the deployment's releases, counted from 1.
    pub number: i64,
    phase: String,
    deadline_at: Option<i64>,
    spec: Json<Spec>,
    /// Sealed secret parts of the specification.
    pub sealed_fields: Vec<u8>,
    image_digest: Option<String>,
    image_source: Option<Json<ImageSource>>,
    failure: Option<Json<Failure>>,
    progress: Option<Json<Progress>>,
    reason: String,
    /// Number of the release that this one repeats.
    pub repeats: Option<i64>,
    starts: i64,
    changes_settings: i64,
    created_by_kind: String,
    created_by_name: String,
    created_at: i64,
}

impl Release {
    /// Returns the release's id.
    pub fn release_id(&self) -> ReleaseId {
        self.release_id.into()
    }

    /// Returns the release's deployment.
    pub fn deployment_id(&self) -> DeploymentId {
        self.deployment_id.into()
    }

    /// Returns the actor that created the release.
    ///
    /// # Errors
    /// When the row has an actor kind that no version of Berth wrote.
    pub fn created_by(&self) -> Result<Author, StoreError> {
        let kind = ActorKind::named(&self.created_by_kind);
        let kind = kind.ok_or_else(|| {
            StoreError::invalid(format!("unknown kind of actor {:?}", self.created_by_kind))
        })?;
        Ok(Author {
            kind,
            name: DisplayName::trusted(self.created_by_name.clone()),
        })
    }

    /// Returns the phase.
    ///
    /// # Errors
    /// When the row has a value that no version of Berth wrote.
    pub fn phase(&self) -> Result<ReleasePhase, StoreError> {
        parse_phase(&self.phase)
    }

    /// Returns the deadline of the current phase.
    pub fn deadline_at(&self) -> Option<Timestamp> {
        self.deadline_at.map(Timestamp::from_micros)
    }

    /// Returns the specification, without its secret parts.
    pub fn spec(&self) -> &Spec {
        &self.spec.0
    }

    /// Returns the digest of the image, once known.
    pub fn image_digest(&self) -> Option<ImageDigest> {
        read_digest(self.image_digest.clone())
    }

    /// Returns the source of the image.
    pub fn image_source(&self) -> Option<ImageSource> {
        self.image_source.as_ref().map(|Json(source)| *source)
    }

    /// Returns the reason of the failure.
    pub fn failure(&self) -> Option<Failure> {
        self.failure.as_ref().map(|Json(failure)| failure.clone())
    }

    /// Returns the progress of the current phase.
    pub fn progress(&self) -> Option<Progress> {
        self.progress
            .as_ref()
            .map(|Json(progress)| progress.clone())
    }

    /// Returns the reason why the release was created.
    ///
    /// # Errors
    /// When the row has a value that no version of Berth wrote.
    pub fn reason(&self) -> Result<ReleaseReason, StoreError> {
        ReleaseReason::ALL
            .into_iter()
            .find(|reason| reason.name() == self.reason)
            .ok_or_else(|| StoreError::invalid(format!("unknown reason {:?}", self.reason)))
    }

    /// True if the release starts a stopped deployment.
    ///
    /// Canceling the release stops the deployment again.
    pub const fn starts(&self) -> bool {
        self.starts != 0
    }

    /// True if the settings change to this release's specification once it is live.
    pub const fn changes_settings(&self) -> bool {
        self.changes_settings != 0
    }

    /// Returns the creation time.
    pub fn created_at(&self) -> Timestamp {
        Timestamp::from_micros(self.created_at)
    }
}

/// Parses a phase from its column.
pub(in crate::store) fn parse_phase(name: &str) -> Result<ReleasePhase, StoreError> {
    ReleasePhase::ALL
        .iter()
        .copied()
        .find(|phase| phase.name() == name)
        .ok_or_else(|| StoreError::invalid(format!("unknown phase {name:?}")))
}

/// Reads a digest from its column.
///
/// Earlier versions stored any text that a runner sent. Such a text names no image, so it counts
/// as unknown.
pub(in crate::store) fn read_digest(column: Option<String>) -> Option<ImageDigest> {
    column?.try_into().ok()
}

/// A release to insert, in phase `queued`.
#[derive(Clone, Copy)]
pub struct NewRelease<'a> {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Number among the deployment's releases, counted from 1.
    pub number: i64,
    /// Deadline for leaving the queue.
    pub deadline_at: Option<Timestamp>,
    /// Specification, without its secret parts.
    pub spec: &'a Spec,
    /// Secret parts of the specification, sealed.
    pub sealed_fields: &'a [u8],
    /// Digest of the image, if already known.
    pub image_digest: Option<&'a ImageDigest>,
    /// Reason why the release is created.
    pub reason: ReleaseReason,
    /// Number of the release that this one repeats.
    pub repeats: Option<i64>,
    /// True if the deployment was stopped until now.
    pub starts: bool,
    /// True if the settings change to this release's specification once it is live.
    pub changes_settings: bool,
    /// Kind of the actor that creates the release.
    pub created_by_kind: ActorKind,
    /// Person who creates the release; absent for other actors.
    pub created_by: Option<UserId>,
    /// Name of that person, or of the tag that moved.
    pub created_by_name: &'a str,
    /// Creation time.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use models::deployment::ReleasePhase;

    use super::read_digest;
    use crate::db::is_under_way;

    #[test]
    fn a_release_is_under_way_in_each_phase_that_another_one_follows() {
        for phase in ReleasePhase::ALL {
            let name = format!("'{}'", phase.name());
            let is_excluded = is_under_way!("phase").contains(&name);
            assert_eq!(is_excluded, phase.is_terminal(), "{name}");
        }
    }

    #[test]
    fn an_invalid_stored_digest_counts_as_unknown() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let read = read_digest(Some(digest.clone()));
        assert_eq!(read.as_ref().map(ToString::to_string), Some(digest));
        for column in [
            None,
            Some(String::new()),
            Some("../../containers".to_owned()),
        ] {
            assert_eq!(read_digest(column.clone()), None, "{column:?}");
        }
    }
}
