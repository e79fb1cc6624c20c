//! The row of a deployment, alone and in a list.

use models::{
    DeploymentId, ReleaseId, RunnerId, WorkspaceId,
    deployment::{DesiredState, Freshness, Instance, LastError, Observed, Spec, Summary},
    time::Timestamp,
    value::ResourceName,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    db::StoreError,
    store::{release::parse_phase, runner::LinkState},
};

/// A deployment's row, with its runner's and what was observed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Deployment {
    deployment_id: Uuid,
    workspace_id: Uuid,
    name: String,
    runner_id: Uuid,
    desired: String,
    /// Grows with every change of what is wanted.
    pub generation: i64,
    spec: Json<Spec>,
    /// What may be secret in the next release, sealed.
    pub sealed_confidential: Vec<u8>,
    live_release_id: Option<Uuid>,
    scaled_to: Option<i64>,
    live_spec: Option<Json<Spec>>,
    /// The number that the next release will have.
    pub next_release_number: i64,
    created_at: i64,
    updated_at: i64,
    runner_name: String,
    link_expires_at: Option<i64>,
    seen_at: Option<i64>,
    instances: Option<Json<Vec<Instance>>>,
    error: Option<Json<LastError>>,
    observed_at: Option<i64>,
}

impl Deployment {
    /// The deployment's id.
    pub fn deployment_id(&self) -> DeploymentId {
        self.deployment_id.into()
    }

    /// The workspace that owns it.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.workspace_id.into()
    }

    /// Its name.
    pub fn name(&self) -> ResourceName {
        ResourceName::trusted(self.name.clone())
    }

    /// The runner that it runs on.
    pub fn runner_id(&self) -> RunnerId {
        self.runner_id.into()
    }

    /// What that runner is called.
    pub fn runner_name(&self) -> ResourceName {
        ResourceName::trusted(self.runner_name.clone())
    }

    /// What people want of it.
    ///
    /// # Errors
    /// When the row says what no version of Berth wrote.
    pub fn desired(&self) -> Result<DesiredState, StoreError> {
        parse_desired(&self.desired)
    }

    /// What the next release will run, without what may be secret.
    pub fn spec(&self) -> &Spec {
        &self.spec.0
    }

    /// The release that became live last.
    pub fn live_release_id(&self) -> Option<ReleaseId> {
        self.live_release_id.map(Into::into)
    }

    /// What that release runs, without what may be secret.
    pub fn live_spec(&self) -> Option<&Spec> {
        self.live_spec.as_ref().map(|Json(spec)| spec)
    }

    /// How many instances there should be, when that follows what they use and was decided.
    pub fn scaled_to(&self) -> Option<u16> {
        self.scaled_to.and_then(|count| count.try_into().ok())
    }

    /// When it was made.
    pub fn created_at(&self) -> Timestamp {
        Timestamp::from_micros(self.created_at)
    }

    /// When a person changed it last.
    pub fn updated_at(&self) -> Timestamp {
        Timestamp::from_micros(self.updated_at)
    }

    /// What the runner saw last, with its age.
    pub fn observed(&self, now: Timestamp) -> Observed {
        let instances = self.instances.as_ref();
        let instances = instances.map(|Json(instances)| instances.clone());
        let error = self.error.as_ref().map(|Json(error)| error.clone());
        let link = LinkState::read(self.link_expires_at, self.seen_at, now);
        observed(instances, error, self.observed_at, link)
    }
}

/// A deployment in a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    deployment_id: Uuid,
    name: String,
    desired: String,
    spec: Json<Spec>,
    updated_at: i64,
    phase: Option<String>,
    runner_name: String,
    link_expires_at: Option<i64>,
    seen_at: Option<i64>,
    instances: Option<Json<Vec<Instance>>>,
    error: Option<Json<LastError>>,
    observed_at: Option<i64>,
}

impl Listed {
    /// As people see it.
    ///
    /// # Errors
    /// When the row says what no version of Berth wrote.
    pub fn read(self, now: Timestamp) -> Result<models::deployment::DeploymentSummary, StoreError> {
        let link = LinkState::read(self.link_expires_at, self.seen_at, now);
        let instances = self.instances.map(|Json(instances)| instances);
        let error = self.error.map(|Json(error)| error);
        Ok(models::deployment::DeploymentSummary {
            deployment_id: self.deployment_id.into(),
            name: ResourceName::trusted(self.name),
            image: self.spec.0.image,
            runner_name: ResourceName::trusted(self.runner_name),
            desired: parse_desired(&self.desired)?,
            phase: self.phase.as_deref().map(parse_phase).transpose()?,
            observed: observed(instances, error, self.observed_at, link),
            updated_at: Timestamp::from_micros(self.updated_at),
        })
    }
}

/// Joins what a runner saw with whether it is still there.
fn observed(
    instances: Option<Vec<Instance>>,
    error: Option<LastError>,
    observed_at: Option<i64>,
    link: LinkState,
) -> Observed {
    let observed_at = observed_at.map(Timestamp::from_micros);
    // While the runner is there an observation holds until the next one; once it is away, it held
    // until the runner was heard last.
    let at = if link.is_live {
        observed_at
    } else {
        observed_at.map(|at| link.seen_at.map_or(at, |seen| seen.max(at)))
    };
    Observed {
        summary: instances.as_deref().map_or(Summary::Unknown, Summary::of),
        instances: instances.unwrap_or_default(),
        error,
        freshness: if link.is_live {
            Freshness::Live
        } else {
            Freshness::Stale
        },
        at,
    }
}

pub(super) fn desired_name(desired: DesiredState) -> &'static str {
    match desired {
        DesiredState::Running => "running",
        DesiredState::Stopped => "stopped",
        DesiredState::Deleted => "deleted",
    }
}

fn parse_desired(name: &str) -> Result<DesiredState, StoreError> {
    match name {
        "running" => Ok(DesiredState::Running),
        "stopped" => Ok(DesiredState::Stopped),
        "deleted" => Ok(DesiredState::Deleted),
        other => Err(StoreError::invalid(format!(
            "unknown desired state {other:?}"
        ))),
    }
}

/// A deployment to add.
#[derive(Clone, Copy)]
pub struct NewDeployment<'a> {
    /// The deployment's id.
    pub deployment_id: DeploymentId,
    /// The workspace that will own it.
    pub workspace_id: WorkspaceId,
    /// Its name.
    pub name: &'a ResourceName,
    /// The runner that it will run on.
    pub runner_id: RunnerId,
    /// What people want of it.
    pub desired: DesiredState,
    /// What it runs, without what may be secret.
    pub spec: &'a Spec,
    /// What may be secret of it, sealed.
    pub sealed_confidential: &'a [u8],
    /// When it was made.
    pub at: Timestamp,
}
