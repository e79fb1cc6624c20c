//! The row of a release.

use models::{
    DeploymentId, ReleaseId, UserId,
    actor::{ActorKind, Author},
    deployment::{Failure, ImageSource, Progress, ReleasePhase, ReleaseReason, Spec},
    time::Timestamp,
    value::DisplayName,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::StoreError;

/// A release's row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Release {
    release_id: Uuid,
    deployment_id: Uuid,
    /// Counts the deployment's releases from 1.
    pub number: i64,
    phase: String,
    deadline_at: Option<i64>,
    spec: Json<Spec>,
    /// What may be secret of it, sealed.
    pub sealed_confidential: Vec<u8>,
    /// The digest of the image, once it is known.
    pub image_digest: Option<String>,
    image_source: Option<Json<ImageSource>>,
    failure: Option<Json<Failure>>,
    progress: Option<Json<Progress>>,
    reason: String,
    /// The number of the release that it repeats.
    pub repeats: Option<i64>,
    starts: i64,
    moves_settings: i64,
    created_by_kind: String,
    created_by_name: String,
    created_at: i64,
}

impl Release {
    /// The release's id.
    pub fn release_id(&self) -> ReleaseId {
        self.release_id.into()
    }

    /// The deployment that it is of.
    pub fn deployment_id(&self) -> DeploymentId {
        self.deployment_id.into()
    }

    /// The party that made it.
    ///
    /// # Errors
    /// When the row has a kind that no version of Berth wrote.
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

    /// Where it is.
    ///
    /// # Errors
    /// When the row says what no version of Berth wrote.
    pub fn phase(&self) -> Result<ReleasePhase, StoreError> {
        parse_phase(&self.phase)
    }

    /// When the present phase must be over.
    pub fn deadline_at(&self) -> Option<Timestamp> {
        self.deadline_at.map(Timestamp::from_micros)
    }

    /// What it runs, without what may be secret.
    pub fn spec(&self) -> &Spec {
        &self.spec.0
    }

    /// The place that its image came from.
    pub fn image_source(&self) -> Option<ImageSource> {
        self.image_source.as_ref().map(|Json(source)| *source)
    }

    /// Why it failed.
    pub fn failure(&self) -> Option<Failure> {
        self.failure.as_ref().map(|Json(failure)| failure.clone())
    }

    /// How far the present phase is.
    pub fn progress(&self) -> Option<Progress> {
        self.progress
            .as_ref()
            .map(|Json(progress)| progress.clone())
    }

    /// Why it was made.
    ///
    /// # Errors
    /// When the row says what no version of Berth wrote.
    pub fn reason(&self) -> Result<ReleaseReason, StoreError> {
        ReleaseReason::ALL
            .into_iter()
            .find(|reason| reason.name() == self.reason)
            .ok_or_else(|| StoreError::invalid(format!("unknown reason {:?}", self.reason)))
    }

    /// Whether the deployment was stopped when it was made; then taking it back stops it again.
    pub const fn starts(&self) -> bool {
        self.starts != 0
    }

    /// True when the settings become its own once it is live.
    pub const fn moves_settings(&self) -> bool {
        self.moves_settings != 0
    }

    /// When it was made.
    pub fn created_at(&self) -> Timestamp {
        Timestamp::from_micros(self.created_at)
    }
}

/// Reads a phase from its column.
pub(in crate::store) fn parse_phase(name: &str) -> Result<ReleasePhase, StoreError> {
    ReleasePhase::ALL
        .iter()
        .copied()
        .find(|phase| phase.name() == name)
        .ok_or_else(|| StoreError::invalid(format!("unknown phase {name:?}")))
}

/// A release to add; it begins queued.
#[derive(Clone, Copy)]
pub struct NewRelease<'a> {
    /// The release's id.
    pub release_id: ReleaseId,
    /// The deployment that it is of.
    pub deployment_id: DeploymentId,
    /// Counts the deployment's releases from 1.
    pub number: i64,
    /// When it must have left the queue.
    pub deadline_at: Option<Timestamp>,
    /// What it runs, without what may be secret.
    pub spec: &'a Spec,
    /// What may be secret of it, sealed.
    pub sealed_confidential: &'a [u8],
    /// The digest of its image, when it is known already.
    pub image_digest: Option<&'a str>,
    /// Why it is made.
    pub reason: ReleaseReason,
    /// The number of the release that it repeats.
    pub repeats: Option<i64>,
    /// Whether the deployment was stopped until now.
    pub starts: bool,
    /// True when the settings become its own once it is live.
    pub moves_settings: bool,
    /// The kind of party that makes it.
    pub created_by_kind: ActorKind,
    /// The person who makes it; absent for other parties.
    pub created_by: Option<UserId>,
    /// The name of that person, or of the tag that moved.
    pub created_by_name: &'a str,
    /// When it is made.
    pub at: Timestamp,
}
