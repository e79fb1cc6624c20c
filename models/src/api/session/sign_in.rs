//! `POST /session`

use macros::declare_api_endpoint;

use crate::{
    user::User,
    value::{Email, SecretText},
};

declare_api_endpoint! {
    /// Sign in.
    ///
    /// The response sets the session cookie. It never says which of address and password was
    /// wrong.
    SignIn,
    POST "/session",
    access = public,
    rate = SignIn,
    audit = "session.create",
    request = {
        /// The email address of the account.
        #[garde(dive)]
        email: Email,
        /// The account's password.
        #[secret]
        #[garde(dive)]
        password: SecretText,
    },
    response = 201 {
        /// The person who is now signed in.
        user: User,
    },
    errors = [InvalidCredentials],
}
