//! People.

use serde::{Deserialize, Serialize};

use crate::{UserId, value::Email};

/// A person, as that person sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct User {
    /// The person's id.
    pub user_id: UserId,
    /// What the person is called.
    pub name: String,
    /// Where the person is reached, and what they sign in with.
    pub email: Email,
}
