//! The table of error codes: name, status, message.

use http::StatusCode;
use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[doc = $meaning:literal])+ $name:ident = $status:ident, $message:literal;)*) => {
        /// The code of an error. It determines the status and the default message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $meaning])+ $name,)*
        }

        impl ErrorCode {
            /// All codes, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Returns the HTTP status of this code.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// Returns the meaning of this code, for developers.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($meaning,)+).trim_start(),)* }
            }

            /// Returns the default message, for people: what happened and what to do next.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message,)* }
            }
        }
    };
}

error_codes! {
    /// Another API token of the caller in the workspace already has this name.
    ApiTokenNameTaken = CONFLICT, "You already have an API token with this name in this workspace. Choose another name.";
    /// The request's body is larger than the endpoint allows.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "The request is too large. Send less data at a time.";
    /// The command could not be run in the instance; the message says why.
    CommandRefused = UNPROCESSABLE_ENTITY, "The command could not be run. Check the command and try again.";
    /// The request came from another site.
    CrossSiteRequest = FORBIDDEN, "This request came from another site and was rejected. Open Berth and try again from there.";
    /// The cursor was not issued by this endpoint.
    CursorInvalid = BAD_REQUEST, "This page no longer exists. Start from the first page.";
    /// The database is unavailable. Requests fail immediately until it responds again;
    /// `retry-after` says when to retry.
    DatabaseUnavailable = SERVICE_UNAVAILABLE, "Berth cannot reach its database. Try again in a moment. If the problem persists, ask the administrator to check the database.";
    /// The deployment is being deleted, so it cannot change.
    DeploymentBeingDeleted = CONFLICT, "This deployment is being deleted and cannot be changed.";
    /// The change is based on an outdated version of the deployment; nothing was saved.
    DeploymentChanged = CONFLICT, "Someone else changed this deployment, so your changes were not saved. Review the current settings, then save again to overwrite them.";
    /// Another deployment in the environment already has this name.
    DeploymentNameTaken = CONFLICT, "A deployment with this name already exists in this environment. Choose another name.";
    /// The deployment cannot restart, because no release of it was ever live.
    DeploymentNeverLive = CONFLICT, "This deployment has never been live. Deploy it first.";
    /// Another environment in the project already has this name.
    EnvironmentNameTaken = CONFLICT, "An environment with this name already exists in this project. Choose another name.";
    /// The environment still has deployments, secrets or volumes.
    EnvironmentNotEmpty = CONFLICT, "This environment still has deployments, secrets or volumes. Delete them first. Volumes in the trash count until their data is removed.";
    /// The specified environment is not in the workspace.
    EnvironmentNotFound = UNPROCESSABLE_ENTITY, "This environment does not exist in this workspace. Choose another one.";
    /// No instance is running, or the named one is not.
    InstanceNotRunning = CONFLICT, "No instance is running. Start the deployment, or check its log if the app exited.";
    /// The server failed.
    Internal = INTERNAL_SERVER_ERROR, "Something went wrong on the server. Try again. If it keeps failing, look up the request id in the server's log.";
    /// The email address or the password is wrong; the answer does not say which.
    InvalidCredentials = UNAUTHORIZED, "The email address or password is incorrect.";
    /// The environment is the only one of its project.
    LastEnvironment = CONFLICT, "This is the project's only environment. Create another one first, or delete the whole project.";
    /// The project is the only one of its workspace.
    LastProject = CONFLICT, "This is the workspace's only project. Create another one first.";
    /// The request does not have the form that the endpoint reads.
    MalformedRequest = BAD_REQUEST, "The request is malformed.";
    /// The path does not support the method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "This URL does not support this HTTP method.";
    /// The request's host is not the one of Berth's public URL.
    MisdirectedRequest = MISDIRECTED_REQUEST, "Berth is not available under this host name. Use the address set in `server.public_url`.";
    /// The resource does not exist, or the caller may not see it.
    NotFound = NOT_FOUND, "Not found, or you do not have access to it.";
    /// The caller may see the resource, but may not do this.
    PermissionDenied = FORBIDDEN, "Your role does not allow this. Ask a workspace owner for access.";
    /// Another project in the workspace already has this name.
    ProjectNameTaken = CONFLICT, "A project with this name already exists in this workspace. Choose another name.";
    /// An environment of the project still has deployments, secrets or volumes.
    ProjectNotEmpty = CONFLICT, "This project still has deployments, secrets or volumes. Delete them first. Volumes in the trash count until their data is removed.";
    /// The specified project is not in the workspace.
    ProjectNotFound = UNPROCESSABLE_ENTITY, "This project does not exist in this workspace. Choose another one.";
    /// The runner uses a different major version of the protocol.
    ProtocolVersionUnsupported = UPGRADE_REQUIRED, "This runner's version is not compatible with this server. Install the runner version that matches the server.";
    /// The actor sent too many requests.
    RateLimited = TOO_MANY_REQUESTS, "Too many requests. Wait a moment and try again.";
    /// No waiting registration has this user code: it was mistyped, or it expired.
    RegistrationCodeUnknown = UNPROCESSABLE_ENTITY, "No runner is waiting with this code. Compare it with what the runner shows; each code is valid for ten minutes.";
    /// A person denied the registration.
    RegistrationDenied = FORBIDDEN, "An operator denied this registration.";
    /// The registration was approved or denied already, or it expired.
    RegistrationEnded = CONFLICT, "This registration has ended. If the runner shows a new code, enter that code.";
    /// The workspace already has credentials for this registry.
    RegistryHostTaken = CONFLICT, "This workspace already has credentials for this registry. Edit those instead.";
    /// The release is live or has ended, so it cannot be canceled.
    ReleaseEnded = CONFLICT, "This release is already live or has ended, so it cannot be canceled.";
    /// The request took too long.
    RequestTimeout = REQUEST_TIMEOUT, "The request timed out. Try again.";
    /// The run has ended, so it cannot be canceled.
    RunEnded = CONFLICT, "This run has already ended, so it cannot be canceled.";
    /// The runner already has an open link.
    RunnerAlreadyConnected = CONFLICT, "Another process is already connected as this runner. Stop it first.";
    /// The runner is not connected to any server, or it lost its connection.
    RunnerAway = CONFLICT, "The runner is not connected. Check its host and try again.";
    /// The runner is connected to another server on the same database.
    RunnerElsewhere = CONFLICT, "The runner is connected to another Berth server. Open this page on that server.";
    /// The runner still has deployments or volumes, which may be in the trash.
    RunnerInUse = CONFLICT, "This runner still has deployments or volumes. Delete them first. Volumes in the trash count until they expire and the runner has removed their data, or until you forget them.";
    /// Another runner in the workspace already has this name.
    RunnerNameTaken = CONFLICT, "A runner with this name already exists in this workspace. Choose another name.";
    /// The specified runner is not in the workspace.
    RunnerNotFound = UNPROCESSABLE_ENTITY, "This runner does not exist in this workspace. Choose another one.";
    /// The specification exceeds what the runner's host or its host policy allows. `fields` says
    /// where.
    RunnerTooSmall = UNPROCESSABLE_ENTITY, "This exceeds what the runner's host has or its host policy allows.";
    /// The runner does not support runs.
    RunnerWithoutRuns = UNPROCESSABLE_ENTITY, "This deployment's runner does not support runs. Update the runner.";
    /// The runner does not support volumes.
    RunnerWithoutVolumes = UNPROCESSABLE_ENTITY, "This runner does not support volumes. Update it, or choose another one.";
    /// The secret is still used by deployments.
    SecretInUse = CONFLICT, "This secret is still used by deployments. Remove it from their settings first.";
    /// Another secret in the environment already has this name.
    SecretNameTaken = CONFLICT, "A secret with this name already exists in this environment. Choose another name.";
    /// The specification references a secret that its environment does not have.
    SecretNotFound = UNPROCESSABLE_ENTITY, "This secret does not exist in this environment. Choose another one.";
    /// No response arrived; created by the client, never by the server.
    ServerUnreachable = SERVICE_UNAVAILABLE, "The server is not responding. Check your connection and try again.";
    /// The server is busy; a retry may succeed.
    ServiceUnavailable = SERVICE_UNAVAILABLE, "The server is busy. Try again in a moment.";
    /// Berth already has an administrator.
    SetupAlreadyDone = CONFLICT, "Berth is already set up. Sign in.";
    /// The one-time set-up token is wrong or expired.
    SetupTokenInvalid = FORBIDDEN, "This set-up link is invalid or has expired. Use the latest link that the server printed. Links are valid for seven days; restart the server to get a new one.";
    /// The source of the image is not supported by this version of Berth.
    SourceNotSupported = UNPROCESSABLE_ENTITY, "Berth cannot build images from git yet. Build the image elsewhere, push it to a registry, and deploy it from there.";
    /// The server's disk is full; nothing was changed.
    StorageFull = INSUFFICIENT_STORAGE, "The server's disk is full, so nothing was changed. Ask the administrator to free up space.";
    /// The terminal was closed because of inactivity.
    TerminalIdle = REQUEST_TIMEOUT, "The terminal was closed due to inactivity. Open a new one to continue.";
    /// The caller has the largest allowed number of API tokens in the workspace.
    TooManyApiTokens = CONFLICT, "You already have 50 API tokens in this workspace. Delete one that you no longer use.";
    /// The project has the largest allowed number of environments.
    TooManyEnvironments = CONFLICT, "This project already has 200 environments. Delete one that you no longer use.";
    /// The workspace has the largest allowed number of projects.
    TooManyProjects = CONFLICT, "This workspace already has 200 projects. Delete one that you no longer use.";
    /// Too many runners are waiting to be registered, from this address or in all.
    TooManyRegistrations = TOO_MANY_REQUESTS, "Too many runners are waiting to be registered. Wait ten minutes, or register this one with a token.";
    /// The deployment has the largest allowed number of runs that have not ended.
    TooManyRuns = CONFLICT, "This deployment already has 20 runs that have not ended. Wait for one to end, or cancel one.";
    /// The person has the largest allowed number of terminals open.
    TooManyTerminals = CONFLICT, "You have reached the limit of open terminals. Close one first.";
    /// The request is not authenticated.
    Unauthenticated = UNAUTHORIZED, "Sign in to continue.";
    /// One or more fields are invalid; `fields` says which.
    ValidationFailed = UNPROCESSABLE_ENTITY, "Some fields are invalid. Correct them and try again.";
    /// The volume's time in the trash has expired, and its data is being removed.
    VolumeBeingPurged = CONFLICT, "This volume is being permanently deleted and cannot be restored.";
    /// The volume cannot become smaller.
    VolumeCannotShrink = UNPROCESSABLE_ENTITY, "Volumes cannot shrink. Create a smaller volume and copy the data.";
    /// The specification references a volume that is in the trash.
    VolumeInTrash = CONFLICT, "This volume is in the trash. Restore it first.";
    /// A deployment uses the volume. The volume is in its settings, or in a release that is live or
    /// in progress.
    VolumeInUse = CONFLICT, "A deployment uses this volume. Remove the volume from its settings and deploy first.";
    /// Another volume in the environment already has this name; it may be in the trash.
    VolumeNameTaken = CONFLICT, "A volume with this name already exists in this environment; it may be in the trash. Choose another name.";
    /// The specification references a volume that its environment does not have.
    VolumeNotFound = UNPROCESSABLE_ENTITY, "This volume does not exist in this environment. Choose another one.";
    /// Only a volume in the trash can be forgotten, and this one is not.
    VolumeNotInTrash = CONFLICT, "This volume is not in the trash. Delete it first.";
    /// The volume cannot be replaced, because its data is not known to be lost.
    VolumeNotLost = CONFLICT, "This volume's data is not lost. Reload the page to see its current state.";
    /// The specification references a volume on a runner other than the deployment's.
    VolumeOnOtherRunner = UNPROCESSABLE_ENTITY, "This volume is on a different runner than the deployment. Choose a volume on the same runner.";
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn codes_stand_in_alphabetical_order() {
        let names: Vec<_> = ErrorCode::ALL
            .iter()
            .map(|code| format!("{code:?}"))
            .collect();
        assert!(names.is_sorted(), "{names:#?}");
    }
}
