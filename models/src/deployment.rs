//! Deployments and their three axes of state: what is desired, the release that is an attempt at
//! it, and what a runner observed. The three are never mixed in one field.

mod log;
mod observed;
mod release;

use garde::Validate;
use serde::{Deserialize, Serialize};

pub use log::{LogLine, LogStream};
pub use observed::{Freshness, Instance, InstanceState, Observed, Summary};
pub use release::{Failure, Fault, PhaseChange, Progress, Release, ReleasePhase, ReleaseReason};

use crate::{
    DeploymentId, RunnerId, WorkspaceId,
    time::Timestamp,
    value::{EnvironmentVariable, ImageReference, ResourceName},
};

/// The most environment variables that one deployment may have.
pub const MAX_ENVIRONMENT: usize = 500;

/// What people want of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DesiredState {
    /// It should run.
    Running,
    /// It should not run, and everything about it is kept.
    Stopped,
    /// It should be gone.
    Deleted,
}

/// What a release runs: the part of a deployment that people edit.
///
/// Nothing in here belongs to one kind of runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spec {
    /// The container image.
    #[garde(dive)]
    pub image: ImageReference,
    /// The port on which the app answers HTTP; left out when it answers none.
    #[garde(inner(range(min = 1)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The app's environment variables; each name at most once.
    #[garde(dive, length(max = MAX_ENVIRONMENT), custom(unique_names))]
    #[serde(default)]
    pub environment: Vec<EnvironmentVariable>,
}

/// A deployment, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deployment {
    /// The deployment's id.
    pub deployment_id: DeploymentId,
    /// The workspace that owns it.
    pub workspace_id: WorkspaceId,
    /// Its name, unique in the workspace.
    pub name: ResourceName,
    /// The runner that it runs on.
    pub runner_id: RunnerId,
    /// What that runner is called.
    pub runner_name: ResourceName,
    /// What the next release will run.
    pub spec: Spec,
    /// What people want of it.
    pub desired: DesiredState,
    /// Grows with every change of what is wanted.
    pub generation: i64,
    /// The newest release; absent until it was deployed once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Release>,
    /// What the runner saw last, with its age.
    pub observed: Observed,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed by a person.
    pub updated_at: Timestamp,
}

/// A deployment in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeploymentSummary {
    /// The deployment's id.
    pub deployment_id: DeploymentId,
    /// Its name, unique in the workspace.
    pub name: ResourceName,
    /// The image of its next release.
    pub image: ImageReference,
    /// What its runner is called.
    pub runner_name: ResourceName,
    /// What people want of it.
    pub desired: DesiredState,
    /// Where its newest release is; absent until it was deployed once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<ReleasePhase>,
    /// What the runner saw last, with its age.
    pub observed: Observed,
    /// When it was last changed by a person.
    pub updated_at: Timestamp,
}

/// `garde` gives a field's own type by reference, hence `&Vec`.
#[expect(
    clippy::ptr_arg,
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is garde's"
)]
fn unique_names(environment: &Vec<EnvironmentVariable>, (): &()) -> garde::Result {
    let mut seen = std::collections::HashSet::new();
    match environment.iter().find(|v| !seen.insert(v.name.as_str())) {
        Some(twice) => Err(garde::Error::new(format!("{} is there twice.", twice.name))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use garde::Validate;

    use super::Spec;

    #[test]
    fn an_environment_name_may_stand_only_once() {
        let variable = serde_json::json!({"name": "A", "value": "1"});
        let mut spec = serde_json::json!({"image": "app", "environment": [variable]});
        assert!(
            serde_json::from_value::<Spec>(spec.clone())
                .unwrap()
                .validate()
                .is_ok()
        );
        spec["environment"] = serde_json::json!([variable, variable]);
        let report = serde_json::from_value::<Spec>(spec)
            .unwrap()
            .validate()
            .unwrap_err();
        assert!(report.to_string().contains("A is there twice"), "{report}");
    }

    #[test]
    fn port_zero_is_no_port() {
        let spec: Spec =
            serde_json::from_value(serde_json::json!({"image": "app", "port": 0})).unwrap();
        assert!(spec.validate().is_err());
    }
}
