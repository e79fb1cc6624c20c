//! `PATCH /workspace/{workspace_id}/secret/{secret_id}`

use macros::declare_api_endpoint;

use crate::{SecretId, WorkspaceId, secret::Secret, value::SecretValue};

declare_api_endpoint! {
    /// Replace a secret's value.
    ///
    /// What runs keeps the value that it was started with; the next release has the new one.
    UpdateSecret,
    PATCH "/workspace/{workspace_id}/secret/{secret_id}" {
        /// The workspace that owns it.
        workspace_id: WorkspaceId,
        /// The secret.
        secret_id: SecretId,
    },
    permission = Secret::Edit on workspace_id,
    rate = Writes,
    audit = "secret.update",
    request = {
        /// Its new value. Line breaks are kept as LF: CR LF and CR become LF.
        #[garde(dive)]
        #[secret]
        secret_value: SecretValue,
    },
    response = 200 {
        /// The secret as it is now.
        secret: Secret,
    },
}
