//! `POST /setup`

use macros::declare_api_endpoint;

use crate::{
    user::User,
    value::{DisplayName, Email, Password, ResourceName, SecretText},
    workspace::Workspace,
};

declare_api_endpoint! {
    /// Make the first account and the first workspace.
    ///
    /// Works once, with the token that the server printed when it started. The answer sets the
    /// session's cookie.
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
        /// What the person is called.
        #[garde(dive)]
        name: DisplayName,
        /// What the person signs in with.
        #[garde(dive)]
        email: Email,
        /// The account's password.
        #[secret]
        #[garde(dive)]
        password: Password,
        /// The first workspace's name.
        #[garde(dive)]
        workspace_name: ResourceName,
    },
    response = 201 {
        /// The person, who is signed in now.
        user: User,
        /// The first workspace; the person owns it.
        workspace: Workspace,
    },
    errors = [SetupTokenInvalid, SetupAlreadyDone],
}
