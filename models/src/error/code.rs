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
    /// The request's body is larger than the endpoint allows.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "The request is too large.";
    /// The command could not be run in the instance; the message says why.
    CommandRefused = UNPROCESSABLE_ENTITY, "The command could not be run.";
    /// The request came from another site.
    CrossSiteRequest = FORBIDDEN, "This request came from another site and was refused.";
    /// The cursor was not issued by this endpoint.
    CursorInvalid = BAD_REQUEST, "That page no longer exists. Start from the first page.";
    /// The database does not answer. Requests fail at once until it does; `retry-after` says when
    /// to try again.
    DatabaseUnavailable = SERVICE_UNAVAILABLE, "Berth's database does not answer. Try again in a moment; if this goes on, its administrator must look at the database.";
    /// The deployment is being deleted, so it cannot change.
    DeploymentBeingDeleted = CONFLICT, "This deployment is being deleted.";
    /// The change is based on an older state than the deployment has now; nothing was changed.
    DeploymentChanged = CONFLICT, "Somebody changed this deployment meanwhile, so nothing was saved. Look at what it is now, then save again to replace it.";
    /// Another deployment of the workspace has this name.
    DeploymentNameTaken = CONFLICT, "Another deployment in this workspace has this name. Choose another one.";
    /// The deployment cannot restart, because no release of it was ever live.
    DeploymentNeverLive = CONFLICT, "Nothing of this deployment was ever live. Deploy it first.";
    /// No instance is running, or the named one is not.
    InstanceNotRunning = CONFLICT, "No instance is running. Start the deployment, or look at its log if it ended.";
    /// The server failed.
    Internal = INTERNAL_SERVER_ERROR, "Something went wrong on our side. It was logged under the request id; try again.";
    /// The e-mail address or the password is wrong; the answer does not say which.
    InvalidCredentials = UNAUTHORIZED, "The e-mail address or the password is wrong.";
    /// The request does not have the form that the endpoint reads.
    MalformedRequest = BAD_REQUEST, "The request could not be read.";
    /// The path does not support the method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "This address does not take this kind of request.";
    /// The request's host is not the one of Berth's public URL.
    MisdirectedRequest = MISDIRECTED_REQUEST, "Berth does not answer under this host name. Use the address that `server.public_url` says.";
    /// The resource does not exist, or the caller may not see it.
    NotFound = NOT_FOUND, "There is nothing here, or you may not see it.";
    /// The caller may see the resource, but may not do this.
    PermissionDenied = FORBIDDEN, "Your role does not allow this. Ask an owner of the workspace.";
    /// The runner speaks another major version of the protocol.
    ProtocolVersionUnsupported = UPGRADE_REQUIRED, "This runner is too old or too new for this server. Update it.";
    /// The caller sent too many requests.
    RateLimited = TOO_MANY_REQUESTS, "Too many requests. Wait a moment and try again.";
    /// No waiting registration has this user code: it was mistyped, or it expired.
    RegistrationCodeUnknown = UNPROCESSABLE_ENTITY, "No runner is waiting with this code. Compare it with what the runner shows; each code is valid for ten minutes.";
    /// A person denied the registration.
    RegistrationDenied = FORBIDDEN, "An operator denied this registration.";
    /// The registration was approved or denied already, or it expired.
    RegistrationEnded = CONFLICT, "This registration has ended. If the runner shows a new code, enter that code.";
    /// The workspace keeps credentials for this registry already.
    RegistryHostTaken = CONFLICT, "This workspace keeps credentials for this registry already. Change those.";
    /// The release is live or has ended, so it cannot be canceled.
    ReleaseEnded = CONFLICT, "This release is not on its way any more.";
    /// The request took too long.
    RequestTimeout = REQUEST_TIMEOUT, "The request took too long.";
    /// The runner already has a live link.
    RunnerAlreadyConnected = CONFLICT, "Another process is already connected as this runner.";
    /// The runner has no link to any server, or lost it meanwhile.
    RunnerAway = CONFLICT, "The runner is not connected. Check its machine and try again.";
    /// The runner's link is with another server on the same database.
    RunnerElsewhere = CONFLICT, "The runner is connected to another server of this Berth. Open this there.";
    /// Deployments or volumes are still on the runner, perhaps in the trash.
    RunnerInUse = CONFLICT, "Deployments or volumes are still on this runner. Delete them first; volumes in the trash are gone when their time is over and the runner has removed them, or when they are forgotten.";
    /// Another runner of the workspace has this name.
    RunnerNameTaken = CONFLICT, "Another runner in this workspace has this name. Choose another one.";
    /// The deployment names a runner that is not in the workspace.
    RunnerNotFound = UNPROCESSABLE_ENTITY, "There is no such runner in this workspace.";
    /// The specification asks for more than the runner's machine has or its owner allows;
    /// `fields` says what.
    RunnerTooSmall = UNPROCESSABLE_ENTITY, "This is more than the runner's machine has or its owner allows.";
    /// The runner does not support volumes.
    RunnerWithoutVolumes = UNPROCESSABLE_ENTITY, "This runner cannot keep volumes. Update it, or choose another one.";
    /// Deployments still use the secret.
    SecretInUse = CONFLICT, "Deployments still use this secret. Take it out of their settings first.";
    /// Another secret of the workspace has this name.
    SecretNameTaken = CONFLICT, "Another secret in this workspace has this name. Choose another one.";
    /// The specification names a secret that is not in the workspace.
    SecretNotFound = UNPROCESSABLE_ENTITY, "There is no such secret in this workspace.";
    /// No response arrived; created by the client, never by the server.
    ServerUnreachable = SERVICE_UNAVAILABLE, "The server does not answer. Check your connection and try again.";
    /// The server is busy; a retry may succeed.
    ServiceUnavailable = SERVICE_UNAVAILABLE, "The server is busy. Try again in a moment.";
    /// Berth already has an administrator.
    SetupAlreadyDone = CONFLICT, "Berth is already set up. Sign in.";
    /// The one-time set-up token is wrong or expired.
    SetupTokenInvalid = FORBIDDEN, "This set-up link is not valid. Use the newest one that the server printed; a link is valid for seven days, and each start of the server prints another one.";
    /// The server's disk is full; nothing was changed.
    StorageFull = INSUFFICIENT_STORAGE, "The server's disk is full, so nothing was changed. Ask its administrator to make room.";
    /// Nothing was typed for so long that the terminal was closed.
    TerminalIdle = REQUEST_TIMEOUT, "The terminal was closed because nothing was typed for a while.";
    /// Too many runners are waiting to be registered, from this address or in all.
    TooManyRegistrations = TOO_MANY_REQUESTS, "Too many runners wait to be registered. Wait ten minutes, or register this one with a token.";
    /// The person has the largest allowed number of terminals open.
    TooManyTerminals = CONFLICT, "You have too many terminals open. Close one first.";
    /// Nobody is signed in.
    Unauthenticated = UNAUTHORIZED, "Sign in first.";
    /// One or more fields are wrong; `fields` says which.
    ValidationFailed = UNPROCESSABLE_ENTITY, "Some fields need another look.";
    /// The volume's time in the trash is over, and its runner was asked to remove the data.
    VolumeBeingPurged = CONFLICT, "This volume is being removed for good. There is no way back.";
    /// The volume cannot become smaller.
    VolumeCannotShrink = UNPROCESSABLE_ENTITY, "A volume can only grow. Make a smaller one and copy the data.";
    /// The specification names a volume that is in the trash.
    VolumeInTrash = CONFLICT, "This volume is in the trash. Restore it first.";
    /// The volume is a deployment's, by its settings or by a release that is live or on its way.
    VolumeInUse = CONFLICT, "A deployment uses this volume. Take it out of its settings and deploy first.";
    /// Another volume of the workspace has this name, perhaps one in the trash.
    VolumeNameTaken = CONFLICT, "Another volume in this workspace has this name, perhaps one in the trash. Choose another one.";
    /// The specification names a volume that is not in the workspace.
    VolumeNotFound = UNPROCESSABLE_ENTITY, "There is no such volume in this workspace.";
    /// Only a volume in the trash can be forgotten, and this one is not.
    VolumeNotInTrash = CONFLICT, "This volume is not in the trash. Delete it first.";
    /// The data of a volume was to be given up that is on its runner's machine as far as
    /// anybody knows.
    VolumeNotLost = CONFLICT, "This volume is not lost. Reload the page to see how it is now.";
    /// The specification names a volume that is on another runner than the deployment.
    VolumeOnOtherRunner = UNPROCESSABLE_ENTITY, "This volume is on another runner than the deployment.";
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
