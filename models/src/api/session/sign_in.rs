//! `POST /session`

use macros::declare_api_endpoint;

use crate::{
    user::User,
    value::{Email, SecretText},
};

declare_api_endpoint! {
    /// Sign in.
    ///
    /// The answer sets the session's cookie. Whether the address or the password was wrong is
    /// never said.
    SignIn,
    POST "/session",
    access = public,
    rate = SignIn,
    audit = "session.create",
    request = {
        /// The e-mail address of the account.
        #[garde(dive)]
        email: Email,
        /// The account's password.
        #[secret]
        #[garde(dive)]
        password: SecretText,
    },
    response = 201 {
        /// The person who is signed in now.
        user: User,
    },
    errors = [InvalidCredentials],
}
