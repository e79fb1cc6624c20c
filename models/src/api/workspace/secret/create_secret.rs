//! `POST /workspace/{workspace_id}/secret`

use macros::declare_api_endpoint;

use crate::{
    EnvironmentId, WorkspaceId,
    name_or_id::NameOrId,
    secret::Secret,
    value::{SecretName, SecretValue},
};

declare_api_endpoint! {
    /// Create a secret.
    ///
    /// No response ever contains its value.
    CreateSecret,
    POST "/workspace/{workspace_id}/secret" {
        /// The workspace that will own it.
        workspace_id: WorkspaceId,
    },
    permission = Secret::Create on workspace_id,
    rate = Writes,
    audit = "secret.create",
    request = {
        /// The environment that it will belong to; the default one when left out.
        ///
        /// An id, or a name such as `staging` or `shop:staging`.
        environment: Option<NameOrId<EnvironmentId>>,
        /// Its name, unique in the environment.
        #[garde(dive)]
        name: SecretName,
        /// The secret's value. Line breaks are stored as LF: CR LF and CR become LF.
        #[garde(dive)]
        #[secret]
        secret_value: SecretValue,
    },
    response = 201 {
        /// The new secret.
        secret: Secret,
    },
    errors = [EnvironmentNotFound, SecretNameTaken],
}
