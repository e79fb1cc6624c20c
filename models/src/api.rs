//! All endpoints of Berth, and their registry.
//!
//! The path of a file here is the path of its handler in the server, of its test, of its command
//! and of its page.

pub mod machine_type;
pub mod runner;
pub mod session;
pub mod setup;
pub mod workspace;

use crate::endpoint::{ApiEndpoint, EndpointInfo, EndpointVisitor, StreamEndpoint};

/// The URL prefix of the API.
pub const PREFIX: &str = "/api/v1";

/// Defines the registry from the types of the endpoints.
macro_rules! registry {
    (endpoints: [$($endpoint:path,)*] streams: [$($stream:path,)*]) => {
        /// All endpoints and streams.
        pub const ALL: &[EndpointInfo] = &[
            $(<$endpoint as ApiEndpoint>::INFO,)*
            $(<$stream as StreamEndpoint>::INFO,)*
        ];

        /// Visits all endpoints and streams with their types, in the order of [`ALL`].
        pub fn visit(visitor: &mut impl EndpointVisitor) {
            $(visitor.endpoint::<$endpoint>();)*
            $(visitor.stream::<$stream>();)*
        }
    };
}

registry! {
    endpoints: [
        machine_type::ListMachineTypes,
        session::GetSession,
        session::SignIn,
        session::SignOut,
        setup::CompleteSetup,
        setup::GetSetup,
        workspace::CreateWorkspace,
        workspace::GetWorkspace,
        workspace::ListTrends,
        workspace::ListWorkspaces,
        workspace::api_token::CreateApiToken,
        workspace::api_token::DeleteApiToken,
        workspace::api_token::GetApiToken,
        workspace::api_token::ListApiTokens,
        workspace::deployment::CancelRelease,
        workspace::deployment::CancelRun,
        workspace::deployment::CreateDeployment,
        workspace::deployment::CreateRun,
        workspace::deployment::DeleteDeployment,
        workspace::deployment::DeployDeployment,
        workspace::deployment::DownloadLog,
        workspace::deployment::GetDeployment,
        workspace::deployment::GetRelease,
        workspace::deployment::GetRun,
        workspace::deployment::GetStats,
        workspace::deployment::ListDeployments,
        workspace::deployment::ListLogLines,
        workspace::deployment::ListReleases,
        workspace::deployment::ListRuns,
        workspace::deployment::ListScalingChanges,
        workspace::deployment::RestartDeployment,
        workspace::deployment::RollBackDeployment,
        workspace::deployment::RunCommand,
        workspace::deployment::StartDeployment,
        workspace::deployment::StopDeployment,
        workspace::deployment::UpdateDeployment,
        workspace::environment::CreateEnvironment,
        workspace::environment::DeleteEnvironment,
        workspace::environment::GetEnvironment,
        workspace::environment::ListEnvironments,
        workspace::environment::UpdateEnvironment,
        workspace::project::CreateProject,
        workspace::project::DeleteProject,
        workspace::project::GetProject,
        workspace::project::ListProjects,
        workspace::project::UpdateProject,
        workspace::registration::ApproveRegistration,
        workspace::registration::FindRegistration,
        workspace::registration::GetRegistration,
        workspace::registration::DenyRegistration,
        workspace::registry::CreateRegistry,
        workspace::registry::DeleteRegistry,
        workspace::registry::GetRegistry,
        workspace::registry::ListRegistries,
        workspace::registry::UpdateRegistry,
        workspace::runner::CreateRunner,
        workspace::runner::DeleteRunner,
        workspace::runner::GetRunner,
        workspace::runner::ListRunnerDeployments,
        workspace::runner::ListRunnerVolumes,
        workspace::runner::ListRunners,
        workspace::runner::RotateRunnerToken,
        workspace::secret::CreateSecret,
        workspace::secret::DeleteSecret,
        workspace::secret::GetSecret,
        workspace::secret::ListSecrets,
        workspace::secret::UpdateSecret,
        workspace::volume::CreateVolume,
        workspace::volume::DeleteVolume,
        workspace::volume::ForgetVolume,
        workspace::volume::GetVolume,
        workspace::volume::ListVolumes,
        workspace::volume::ReplaceLostVolume,
        workspace::volume::RestoreVolume,
        workspace::volume::UpdateVolume,
    ]
    streams: [
        runner::ConnectRunner,
        runner::RegisterRunner,
        workspace::StreamWorkspace,
        workspace::deployment::OpenTerminal,
        workspace::deployment::StreamDeployment,
        workspace::deployment::StreamLogLines,
        workspace::deployment::StreamStats,
    ]
}
