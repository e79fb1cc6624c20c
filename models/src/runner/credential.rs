//! As whom an image is pulled.

use garde::Validate;
use serde::{Deserialize, Serialize};

use crate::value::{RegistryHost, RegistryUserName, SecretText, secret};

/// The credential for one registry. It never prints its password.
///
/// Runners use it for a pull; it belongs on no command line and no label, and on a disk only within the
/// sealed copy of what should run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Validate)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RegistryCredential {
    /// The only registry that may be shown it.
    #[garde(dive)]
    pub host: RegistryHost,
    /// As whom images are pulled.
    #[garde(dive)]
    pub user_name: RegistryUserName,
    /// The password or token.
    #[garde(dive)]
    #[serde(serialize_with = "secret::expose")]
    pub password: SecretText,
}
