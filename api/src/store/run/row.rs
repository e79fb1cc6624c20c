//! The row of a run.

use models::{
    DeploymentId, ReleaseId, RunId, UserId,
    actor::{ActorKind, Author},
    deployment::{Failure, Progress, Spec},
    run::{RunAttempt, RunPhase, RunTerms},
    time::Timestamp,
    value::{DisplayName, ImageDigest},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{db::StoreError, store::release::read_digest};

/// A run's row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Run {
    run_id: Uuid,
    deployment_id: Uuid,
    /// Number among the deployment's runs, counted from 1.
    pub number: i64,
    phase: String,
    deadline_at: Option<i64>,
    ended_at: Option<i64>,
    release_id: Uuid,
    spec: Json<Spec>,
    /// Sealed secret parts of the specification.
    pub sealed_fields: Vec<u8>,
    image_digest: Option<String>,
    timeout_ms: i64,
    retries: i64,
    attempts: Json<Vec<RunAttempt>>,
    progress: Option<Json<Progress>>,
    failure: Option<Json<Failure>>,
    created_by_kind: String,
    created_by_name: String,
    created_at: i64,
}

impl Run {
    /// Returns the run's id.
    pub fn run_id(&self) -> RunId {
        self.run_id.into()
    }

    /// Returns the run's deployment.
    pub fn deployment_id(&self) -> DeploymentId {
        self.deployment_id.into()
    }

    /// Returns the phase.
    ///
    /// # Errors
    /// When the row has a value that no version of Berth wrote.
    pub fn phase(&self) -> Result<RunPhase, StoreError> {
        RunPhase::named(&self.phase)
            .ok_or_else(|| StoreError::invalid(format!("unknown phase {:?}", self.phase)))
    }

    /// Returns the time at which it counts as failed; `None` once it ended.
    pub fn deadline_at(&self) -> Option<Timestamp> {
        self.deadline_at.map(Timestamp::from_micros)
    }

    /// Returns the time at which it ended.
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended_at.map(Timestamp::from_micros)
    }

    /// Returns the release whose settings it has.
    pub fn release_id(&self) -> ReleaseId {
        self.release_id.into()
    }

    /// Returns the specification, without its secret parts.
    pub fn spec(&self) -> &Spec {
        &self.spec.0
    }

    /// Returns the digest of the image, once known.
    pub fn image_digest(&self) -> Option<ImageDigest> {
        read_digest(self.image_digest.clone())
    }

    /// Returns the rules by which it is tried.
    pub fn terms(&self) -> RunTerms {
        RunTerms {
            timeout_ms: self.timeout_ms,
            retries: u16::try_from(self.retries).unwrap_or_default(),
        }
    }

    /// Returns the reported attempts, the first one first.
    pub fn attempts(&self) -> &[RunAttempt] {
        &self.attempts.0
    }

    /// Returns the progress of the current phase.
    pub fn progress(&self) -> Option<Progress> {
        let progress = self.progress.as_ref();
        progress.map(|Json(progress)| progress.clone())
    }

    /// Returns the reason of the failure.
    pub fn failure(&self) -> Option<Failure> {
        self.failure.as_ref().map(|Json(failure)| failure.clone())
    }

    /// Returns the actor that created the run.
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

    /// Returns the time at which it was created.
    pub const fn created_at(&self) -> Timestamp {
        Timestamp::from_micros(self.created_at)
    }
}

/// A new run.
#[derive(Clone, Copy, Debug)]
pub struct NewRun<'a> {
    /// The run's id.
    pub run_id: RunId,
    /// The time until which its runner must begin it.
    pub deadline_at: Timestamp,
    /// The release whose settings it has.
    pub release_id: ReleaseId,
    /// The specification, without its secret parts.
    pub spec: &'a Spec,
    /// The sealed secret parts.
    pub sealed_fields: &'a [u8],
    /// The digest of the image, if known.
    pub image_digest: Option<&'a ImageDigest>,
    /// The rules by which it is tried.
    pub terms: RunTerms,
    /// The person that created it, if it was one.
    pub created_by: Option<UserId>,
    /// The kind of actor that created it.
    pub created_by_kind: ActorKind,
    /// The actor's name now.
    pub created_by_name: &'a str,
    /// The time now.
    pub at: Timestamp,
}
