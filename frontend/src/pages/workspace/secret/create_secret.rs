//! `/workspace/{workspace_id}/secret/new`: the form for a new secret.

use components::{button::ButtonKind, section::Card};
use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::workspace::secret::{CreateSecret, CreateSecretPath},
};

use super::SECRETS;
use crate::{
    form::{EndpointForm, TextAreaInput, TextInput},
    pages::workspace::resource::create::create_page_in,
    sections::environment_switch::{
        EnvironmentSelect, Environments, environment_in_address, environment_of_form,
    },
};

/// The form for a new secret.
#[component]
pub(crate) fn CreateSecretPage() -> impl IntoView {
    create_page_in(SECRETS, "Workspace owners can create secrets.", form)
}

fn form(workspace_id: WorkspaceId, environments: Environments) -> AnyView {
    let environment = environment_of_form(&environments, environment_in_address());
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateSecret
                path=CreateSecretPath { workspace_id }
                success="/workspace/{secret.workspace_id}/secret/{secret.secret_id}"
                kind=ButtonKind::Primary
                label="Save secret"
                busy_label="Saving…"
                note="The value is encrypted before it is stored."
            >
                <EnvironmentSelect environments=environments current=environment />
                <TextInput
                    label="Name"
                    field="name"
                    mono=true
                    placeholder="STRIPE_KEY"
                    hint="Unique in the environment. Letters, digits, underscores, hyphens and dots."
                />
                <TextAreaInput
                    label="Value"
                    field="secret_value"
                    hint="A password, a key or a certificate. It is never shown again."
                    required=true
                />
            </EndpointForm>
        </Card>
    }
    .into_any()
}
