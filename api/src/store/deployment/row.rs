//! The row of a deployment, on its own and in lists.

use std::ops::Deref;

use models::{
    DeploymentId, EnvironmentId, ReleaseId, RunnerId, WorkspaceId,
    deployment::{DesiredState, Freshness, Instance, LastError, Observed, Spec, Summary},
    environment::EnvironmentSummary,
    time::Timestamp,
    value::ResourceName,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    db::StoreError,
    store::{environment, release::parse_phase, runner::LinkState},
};

/// A deployment's row, joined with its runner and its observed state.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Deployment {
    deployment_id: Uuid,
    workspace_id: Uuid,
    #[sqlx(flatten)]
    environment: environment::Columns,
    name: String,
    runner_id: Uuid,
    desired: String,
    /// Grows with each change of the desired state.
    pub generation: i64,
    spec: Json<Spec>,
    /// Sealed secret parts of the next release's specification.
    pub sealed_fields: Vec<u8>,
    live_release_id: Option<Uuid>,
    scaled_to: Option<i64>,
    live_spec: Option<Json<Spec>>,
    /// Number of the next release.
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
    /// Returns the deployment's id.
    pub fn deployment_id(&self) -> DeploymentId {
        self.deployment_id.into()
    }

    /// Returns the workspace that owns the deployment.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.workspace_id.into()
    }

    /// Returns the environment that the deployment belongs to.
    pub fn environment(&self) -> EnvironmentSummary {
        self.environment.clone().read()
    }

    /// Returns the id of that environment.
    pub fn environment_id(&self) -> EnvironmentId {
        self.environment.environment_id()
    }

    /// Returns the deployment's name.
    pub fn name(&self) -> ResourceName {
        ResourceName::trusted(self.name.clone())
    }

    /// Returns the runner that the deployment runs on.
    pub fn runner_id(&self) -> RunnerId {
        self.runner_id.into()
    }

    /// Returns the name of that runner.
    pub fn runner_name(&self) -> ResourceName {
        ResourceName::trusted(self.runner_name.clone())
    }

    /// Returns the desired state.
    ///
    /// # Errors
    /// When the row has a value that no version of Berth wrote.
    pub fn desired(&self) -> Result<DesiredState, StoreError> {
        parse_desired(&self.desired)
    }

    /// Returns the specification of the next release, without its secret parts.
    pub fn spec(&self) -> &Spec {
        &self.spec.0
    }

    /// Returns the release that became live last.
    pub fn live_release_id(&self) -> Option<ReleaseId> {
        self.live_release_id.map(Into::into)
    }

    /// Returns the specification of the live release, without its secret parts.
    pub fn live_spec(&self) -> Option<&Spec> {
        self.live_spec.as_ref().map(|Json(spec)| spec)
    }

    /// Returns the instance count that autoscaling decided; `None` if it decided none.
    pub fn scaled_to(&self) -> Option<u16> {
        self.scaled_to.and_then(|count| count.try_into().ok())
    }

    /// Returns the creation time.
    pub fn created_at(&self) -> Timestamp {
        Timestamp::from_micros(self.created_at)
    }

    /// Returns the time of the last change by a person.
    pub fn updated_at(&self) -> Timestamp {
        Timestamp::from_micros(self.updated_at)
    }

    /// Returns the observed state, with its age.
    pub fn observed(&self, now: Timestamp) -> Observed {
        let instances = self.instances.as_ref();
        let instances = instances.map(|Json(instances)| instances.clone());
        let error = self.error.as_ref().map(|Json(error)| error.clone());
        let link = LinkState::read(self.link_expires_at, self.seen_at, now);
        observed(instances, error, self.observed_at, link)
    }
}

/// A deployment whose row its transaction has locked.
///
/// Only this store creates one, for the workspace or the runner that it belongs to. So it proves
/// that a change of the deployment, and of whatever hangs on it, is its owner's.
#[derive(Clone, Debug)]
pub struct LockedDeployment(pub(super) Deployment);

impl Deref for LockedDeployment {
    type Target = Deployment;

    fn deref(&self) -> &Deployment {
        &self.0
    }
}

/// A deployment in a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listed {
    deployment_id: Uuid,
    #[sqlx(flatten)]
    environment: environment::Columns,
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
    /// Converts the row to the summary that the API returns.
    ///
    /// # Errors
    /// When the row has a value that no version of Berth wrote.
    pub fn read(self, now: Timestamp) -> Result<models::deployment::DeploymentSummary, StoreError> {
        let link = LinkState::read(self.link_expires_at, self.seen_at, now);
        let instances = self.instances.map(|Json(instances)| instances);
        let error = self.error.map(|Json(error)| error);
        Ok(models::deployment::DeploymentSummary {
            deployment_id: self.deployment_id.into(),
            environment: self.environment.read(),
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

/// Combines the last observation with the state of the runner's link.
fn observed(
    instances: Option<Vec<Instance>>,
    error: Option<LastError>,
    observed_at: Option<i64>,
    link: LinkState,
) -> Observed {
    let observed_at = observed_at.map(Timestamp::from_micros);
    // While the link is live, an observation holds until the next one. After that, it held
    // until the runner was last heard.
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

/// A deployment to insert.
#[derive(Clone, Copy)]
pub struct NewDeployment<'a> {
    /// Id of the deployment.
    pub deployment_id: DeploymentId,
    /// Workspace that will own it.
    pub workspace_id: WorkspaceId,
    /// Environment that it belongs to.
    pub environment_id: EnvironmentId,
    /// Name of the deployment.
    pub name: &'a ResourceName,
    /// Runner that it will run on.
    pub runner_id: RunnerId,
    /// Desired state.
    pub desired: DesiredState,
    /// Specification, without its secret parts.
    pub spec: &'a Spec,
    /// Secret parts of the specification, sealed.
    pub sealed_fields: &'a [u8],
    /// Creation time.
    pub at: Timestamp,
}
