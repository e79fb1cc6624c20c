//! People.

use serde::{Deserialize, Serialize};

use crate::{UserId, value::Email};

/// A person, as shown to that person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct User {
    /// The person's id.
    pub user_id: UserId,
    /// The person's name.
    pub name: String,
    /// The person's email address, also used to sign in.
    pub email: Email,
}
