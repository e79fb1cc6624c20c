//! `POST /setup`

use macros::declare_api_endpoint;

use crate::{
    user::User,
    value::{DisplayName, Email, Password, ResourceName, SecretText},
    workspace::Workspace,
};

declare_api_endpoint! {
    /// Create the first account and the first workspace.
    ///
    /// Works once, with the token that the server printed at its start. The response sets the
    /// session cookie.
    CompleteSetup,
    POST "/setup",
    access = public,
    rate = Credentials,
    audit = "setup.complete",
    request = {
        /// The one-time token from the set-up link.
        #[secret]
        #[garde(dive)]
        token: SecretText,
        /// The person's name.
        #[garde(dive)]
        name: DisplayName,
        /// The person's email address, used to sign in.
        #[garde(dive)]
        email: Email,
        /// The account's password.
        #[secret]
        #[garde(dive)]
        password: Password,
        /// The name of the first workspace.
        #[garde(dive)]
        workspace_name: ResourceName,
    },
    response = 201 {
        /// The person, who is now signed in.
        user: User,
        /// The first workspace, owned by the person.
        workspace: Workspace,
    },
    errors = [SetupTokenInvalid, SetupAlreadyDone],
}
