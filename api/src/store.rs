//! SQL, and nothing else: rows to types and back.
//!
//! One module a table. Every function on something that a workspace owns takes the id of the
//! workspace or of the runner that acts, or a row that was found through one of them. Changes take
//! the locked row. The sweeps over all workspaces are listed in `xtask/tests/tidy.rs`.

pub mod api_token;
pub mod app_user;
pub mod audit_event;
pub mod deployment;
pub mod deployment_log;
pub mod environment;
pub mod log_segment;
pub mod log_truncation;
pub mod lookup;
pub mod membership;
pub mod observation;
pub mod project;
pub mod registration;
pub mod registry;
pub mod release;
pub mod run;
pub mod runner;
pub mod scaling_change;
pub mod secret;
pub mod setup_token;
pub mod stats_point;
pub mod stats_rollup;
pub mod stats_sample;
pub mod stats_series;
pub mod stats_trend;
pub mod tag_watch;
pub mod volume;
pub mod workspace;

#[cfg(test)]
mod statement_tests;

use models::{EnvironmentId, ProjectId};
use uuid::Uuid;

/// Every statement of every module, for the test that prepares them all.
#[cfg(test)]
pub(crate) const ALL: &[&[(&str, &str)]] = &[
    api_token::ALL,
    app_user::ALL,
    audit_event::ALL,
    deployment::ALL,
    deployment::scaling::ALL,
    deployment_log::ALL,
    environment::ALL,
    registration::ALL,
    log_truncation::ALL,
    log_segment::ALL,
    log_segment::READ,
    lookup::ALL,
    membership::ALL,
    observation::ALL,
    project::ALL,
    registry::ALL,
    release::ALL,
    release::DEADLINE,
    release::IMAGE,
    release::PROGRESS,
    run::ALL,
    runner::ALL,
    scaling_change::ALL,
    secret::ALL,
    setup_token::ALL,
    stats_rollup::ALL,
    stats_sample::ALL,
    stats_series::ALL,
    stats_trend::ALL,
    tag_watch::ALL,
    volume::ALL,
    volume::LOSS,
    volume::REMOVAL,
    workspace::ALL,
];

/// The places that a list is limited to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Within {
    /// Only items of this project.
    pub project_id: Option<ProjectId>,
    /// Only items of this environment.
    pub environment_id: Option<EnvironmentId>,
}

impl Within {
    /// Returns the ids of the project and of the environment, as columns have them.
    fn uuids(self) -> (Option<Uuid>, Option<Uuid>) {
        let project = self.project_id.map(ProjectId::uuid);
        (project, self.environment_id.map(EnvironmentId::uuid))
    }
}

/// The position in a list that is sorted by name, and by id among equal names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Behind<'a> {
    /// Name of the last item before.
    pub name: &'a str,
    /// Id of the last item before.
    pub id: Uuid,
}

/// One page of rows, and the number of rows on all pages.
///
/// Both are of one state of the database.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// The rows, one more than asked for when another page follows.
    pub rows: Vec<T>,
    /// The number of rows on all pages.
    pub total: i64,
}
