//! Constraints of the tables, named alike for both databases.

use std::fmt;

macro_rules! constraints {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A constraint of the tables that a change violated.
        ///
        /// PostgreSQL names the constraint. SQLite names only the columns, from which the same
        /// name is made: `<table>_<columns>_key`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Constraint {
            /// A referenced row is missing, or a row to delete is still referenced.
            ///
            /// SQLite does not say which, so neither does this variant.
            ForeignKey,
            $($(#[$doc])* $variant,)*
        }

        impl Constraint {
            /// Every constraint that has its own name.
            pub const UNIQUE: &'static [Self] = &[$(Self::$variant,)*];

            /// The constraint's name in PostgreSQL.
            pub const fn name(self) -> &'static str {
                match self {
                    Self::ForeignKey => "foreign_key",
                    $(Self::$variant => $name,)*
                }
            }

            /// The constraint of this name.
            pub(super) fn by_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

constraints! {
    /// The id of an API token exists.
    ApiTokenId = "api_token_api_token_id_key",
    /// Another API token of the person in the workspace has the name.
    ApiTokenName = "api_token_workspace_id_user_id_name_key",
    /// Another API token has the text.
    ApiTokenText = "api_token_token_hash_key",
    /// The id of an audit event exists.
    AuditEventId = "audit_event_audit_event_id_key",
    /// The id of a deployment exists.
    DeploymentId = "deployment_deployment_id_key",
    /// The deployment has a log already.
    DeploymentLog = "deployment_log_deployment_id_key",
    /// Another deployment of the environment has the name.
    DeploymentName = "deployment_environment_id_name_key",
    /// The id of an environment exists.
    EnvironmentId = "environment_environment_id_key",
    /// Another environment of the project has the name.
    EnvironmentName = "environment_project_id_name_key",
    /// The id of a project exists.
    ProjectId = "project_project_id_key",
    /// Another project of the workspace has the name.
    ProjectName = "project_workspace_id_name_key",
    /// Another registration has the user code.
    RegistrationCode = "registration_code_hash_key",
    /// The id of a registration exists.
    RegistrationId = "registration_registration_id_key",
    /// Another registration has the token.
    RegistrationToken = "registration_token_hash_key",
    /// The id of a job exists.
    JobId = "job_job_id_key",
    /// A job with this key exists already.
    JobUniqueKey = "job_unique_key_key",
    /// The instance already has a record of dropped lines.
    LogTruncation = "log_truncation_deployment_id_instance_id_key",
    /// Another segment of the deployment's log begins at the position.
    LogSegmentFirst = "log_segment_deployment_id_first_position_key",
    /// Another segment of the deployment's log ends at the position.
    LogSegmentLast = "log_segment_deployment_id_last_position_key",
    /// The person is a member already.
    Membership = "membership_workspace_id_user_id_key",
    /// The deployment has an observation already.
    Observation = "observation_deployment_id_key",
    /// The workspace already has a credential for the registry.
    RegistryHost = "registry_workspace_id_host_key",
    /// The id of a registry exists.
    RegistryId = "registry_registry_id_key",
    /// The id of a release exists.
    ReleaseId = "release_release_id_key",
    /// The deployment has a release of this number.
    ReleaseNumber = "release_deployment_id_number_key",
    /// The release has already reached the phase.
    ReleasePhase = "release_phase_release_id_phase_key",
    /// The id of a runner exists.
    RunnerId = "runner_runner_id_key",
    /// The id of a run exists.
    RunId = "run_run_id_key",
    /// Another run of the deployment has the number.
    RunNumber = "run_deployment_id_number_key",
    /// Another runner of the workspace has the name.
    RunnerName = "runner_workspace_id_name_key",
    /// Another runner has the token.
    RunnerToken = "runner_token_hash_key",
    /// The deployment's instance count already changed at this moment.
    ScalingChange = "scaling_change_deployment_id_at_key",
    /// The id of a secret exists.
    SecretId = "secret_secret_id_key",
    /// Another secret of the environment has the name.
    SecretName = "secret_environment_id_name_key",
    /// The deployment's use of the secret is already recorded.
    SecretUse = "secret_use_deployment_id_secret_id_key",
    /// A session with the same id exists.
    SessionHash = "session_session_hash_key",
    /// The setting exists.
    SettingName = "setting_name_key",
    /// The set-up token exists.
    SetupTokenHash = "setup_token_token_hash_key",
    /// The interval of an instance's stats is already rolled up.
    StatsRollup = "stats_rollup_series_id_at_key",
    /// The instance was already measured at this moment.
    StatsSample = "stats_sample_series_id_at_key",
    /// The number of a series of stats exists.
    StatsSeriesId = "stats_series_series_id_key",
    /// The instance already has a series of stats.
    StatsSeriesInstance = "stats_series_deployment_id_instance_id_key",
    /// The deployment's tag already has a record.
    TagWatch = "tag_watch_deployment_id_key",
    /// Another person has the email address.
    UserEmail = "app_user_email_key",
    /// The id of a person exists.
    UserId = "app_user_user_id_key",
    /// The id of a volume exists.
    VolumeId = "volume_volume_id_key",
    /// Another volume of the environment has the name.
    VolumeName = "volume_environment_id_name_key",
    /// A deployment already has the volume.
    VolumeUse = "volume_use_volume_id_key",
    /// The id of a workspace exists.
    WorkspaceId = "workspace_workspace_id_key",
}

impl Constraint {
    /// Parses SQLite's message about a unique constraint.
    ///
    /// For example, `UNIQUE constraint failed: membership.workspace_id, membership.user_id`.
    pub(super) fn by_sqlite_message(message: &str) -> Option<Self> {
        let (_, columns) = message.split_once("constraint failed: ")?;
        Self::by_name(&sqlite_name(columns)?)
    }
}

/// Turns `table.a, table.b` into `table_a_b_key`.
pub(super) fn sqlite_name(columns: &str) -> Option<String> {
    let (table, _) = columns.split_once('.')?;
    let mut name = table.to_owned();
    for column in columns.split(", ") {
        name.push('_');
        name.push_str(column.split_once('.')?.1);
    }
    Some(name + "_key")
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Constraint;

    #[test]
    fn sqlite_messages_name_the_same_constraint() {
        let one = "UNIQUE constraint failed: app_user.email";
        assert_eq!(
            Constraint::by_sqlite_message(one),
            Some(Constraint::UserEmail)
        );
        let two = "UNIQUE constraint failed: runner.workspace_id, runner.name";
        assert_eq!(
            Constraint::by_sqlite_message(two),
            Some(Constraint::RunnerName)
        );
        assert_eq!(Constraint::by_sqlite_message("database is locked"), None);
    }
}
