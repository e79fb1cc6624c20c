//! Credentials for pulling images.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::value::{RegistryHost, RegistryUserName, SecretText, secret};

/// The credential for one registry. It never prints its password.
///
/// Runners use it for a pull. It must not appear on a command line or in a label, and on a disk
/// only within the sealed copy of the desired state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistryCredential {
    /// The only registry that may receive it.
    #[garde(dive)]
    pub host: RegistryHost,
    /// The user name for pulling images.
    #[garde(dive)]
    pub user_name: RegistryUserName,
    /// The password or token.
    #[garde(dive)]
    #[serde(serialize_with = "secret::expose")]
    pub password: SecretText,
}
