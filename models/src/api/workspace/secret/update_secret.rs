//! `PATCH /workspace/{workspace_id}/secret/{secret_id}`

use macros::declare_api_endpoint;

use crate::{SecretId, WorkspaceId, secret::Secret, value::SecretValue};

declare_api_endpoint! {
    /// Replace a secret's value.
    ///
    /// Running instances keep the value that they were started with; the next release uses the
    /// new one.
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
        /// The new value. Line breaks are stored as LF: CR LF and CR become LF.
        #[garde(dive)]
        #[secret]
        secret_value: SecretValue,
    },
    response = 200 {
        /// The secret after the change.
        secret: Secret,
    },
}
