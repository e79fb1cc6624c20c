//! The rules of the tables that a change can break, named alike for both databases.

use std::fmt;

macro_rules! constraints {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A rule of the tables that a change broke.
        ///
        /// PostgreSQL names the rule; SQLite names only the columns, from which the same name is
        /// made: `<table>_<columns>_key`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Constraint {
            /// Something that is referred to is missing, or something still refers to what should
            /// go. SQLite does not say which, so neither do we.
            ForeignKey,
            $($(#[$doc])* $variant,)*
        }

        impl Constraint {
            /// Every rule that has a name of its own.
            pub const UNIQUE: &'static [Self] = &[$(Self::$variant,)*];

            /// The rule's name in PostgreSQL.
            pub const fn name(self) -> &'static str {
                match self {
                    Self::ForeignKey => "foreign_key",
                    $(Self::$variant => $name,)*
                }
            }

            /// The rule of this name.
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
    /// The id of an audit event is taken.
    AuditEventId = "audit_event_audit_event_id_key",
    /// The id of a deployment is taken.
    DeploymentId = "deployment_deployment_id_key",
    /// The deployment has a log already.
    DeploymentLog = "deployment_log_deployment_id_key",
    /// Another deployment of the workspace has the name.
    DeploymentName = "deployment_workspace_id_name_key",
    /// Another runner that asks to be registered has the code.
    EnrolmentCode = "enrolment_code_hash_key",
    /// The id of an enrolment is taken.
    EnrolmentId = "enrolment_enrolment_id_key",
    /// Another runner that asks to be registered has the token.
    EnrolmentToken = "enrolment_token_hash_key",
    /// The id of a job is taken.
    JobId = "job_job_id_key",
    /// A job with this key is waiting already.
    JobUniqueKey = "job_unique_key_key",
    /// Lines of the instance were dropped before.
    LogForgotten = "log_forgotten_deployment_id_instance_id_key",
    /// Another segment of the deployment's log begins at the position.
    LogSegmentFirst = "log_segment_deployment_id_first_position_key",
    /// Another segment of the deployment's log ends at the position.
    LogSegmentLast = "log_segment_deployment_id_last_position_key",
    /// The person is a member already.
    Membership = "membership_workspace_id_user_id_key",
    /// The deployment has an observation already.
    Observation = "observation_deployment_id_key",
    /// The workspace has the registry already.
    RegistryHost = "registry_workspace_id_host_key",
    /// The id of a registry is taken.
    RegistryId = "registry_registry_id_key",
    /// The id of a release is taken.
    ReleaseId = "release_release_id_key",
    /// The deployment has a release of this number.
    ReleaseNumber = "release_deployment_id_number_key",
    /// The release has reached the phase before.
    ReleasePhase = "release_phase_release_id_phase_key",
    /// The id of a runner is taken.
    RunnerId = "runner_runner_id_key",
    /// Another runner of the workspace has the name.
    RunnerName = "runner_workspace_id_name_key",
    /// Another runner has the token.
    RunnerToken = "runner_token_hash_key",
    /// The number of the deployment's instances was changed at this moment already.
    ScalingChange = "scaling_change_deployment_id_at_key",
    /// The id of a secret is taken.
    SecretId = "secret_secret_id_key",
    /// Another secret of the workspace has the name.
    SecretName = "secret_workspace_id_name_key",
    /// The deployment is known to use the secret.
    SecretUse = "secret_use_deployment_id_secret_id_key",
    /// A session with the same id exists.
    SessionHash = "session_session_hash_key",
    /// The setting exists.
    SettingName = "setting_name_key",
    /// The set-up token is taken.
    SetupTokenHash = "setup_token_token_hash_key",
    /// The while of an instance's stats was summed up before.
    StatsRollup = "stats_rollup_series_id_at_key",
    /// The instance was measured at this moment already.
    StatsSample = "stats_sample_series_id_at_key",
    /// The number of a series of stats is taken.
    StatsSeriesId = "stats_series_series_id_key",
    /// The instance has a series of stats already.
    StatsSeriesInstance = "stats_series_deployment_id_instance_id_key",
    /// Something is known of the deployment's tag already.
    TagWatch = "tag_watch_deployment_id_key",
    /// Another person has the e-mail address.
    UserEmail = "app_user_email_key",
    /// The id of a person is taken.
    UserId = "app_user_user_id_key",
    /// The id of a volume is taken.
    VolumeId = "volume_volume_id_key",
    /// Another volume of the workspace has the name.
    VolumeName = "volume_workspace_id_name_key",
    /// A deployment has the volume already.
    VolumeUse = "volume_use_volume_id_key",
    /// The id of a workspace is taken.
    WorkspaceId = "workspace_workspace_id_key",
}

impl Constraint {
    /// Reads SQLite's `UNIQUE constraint failed: membership.workspace_id, membership.user_id`.
    pub(super) fn by_sqlite_message(message: &str) -> Option<Self> {
        let (_, columns) = message.split_once("constraint failed: ")?;
        Self::by_name(&sqlite_name(columns)?)
    }
}

/// `table.a, table.b` as `table_a_b_key`.
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
