//! `/workspace/{workspace_id}/api-token/new`: the form for a new API token.

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    code::CodeBlock,
    section::{Card, Section},
    select::Choice,
    status::Tone,
};
use leptos::prelude::*;
use models::{
    WorkspaceId,
    api::workspace::api_token::{CreateApiToken, CreateApiTokenPath, CreateApiTokenResponse},
    api_token::DEFAULT_LIFETIME_DAYS,
    endpoint::ApiEndpoint,
    rbac::Role,
};

use super::{API_TOKENS, access};
use crate::{
    form::{EndpointForm, SelectInput, TextInput, answer_of},
    pages::workspace::resource::create::create_page,
    paths,
};

/// Lifetimes to choose from, in days.
const LIFETIMES: [(u16, &str); 4] = [
    (7, "7 days"),
    (DEFAULT_LIFETIME_DAYS, "90 days"),
    (365, "1 year"),
    (3_650, "10 years"),
];

/// Creates an API token and shows it once.
#[component]
pub(crate) fn CreateApiTokenPage() -> impl IntoView {
    create_page(
        API_TOKENS,
        "Members of the workspace can create API tokens.",
        body,
    )
}

fn body(workspace_id: WorkspaceId) -> AnyView {
    match answer_of::<CreateApiTokenResponse>(CreateApiToken::INFO.name) {
        Some(created) => view! { <Created created=created /> }.into_any(),
        None => view! { <Form workspace_id=workspace_id /> }.into_any(),
    }
}

#[component]
fn Created(created: CreateApiTokenResponse) -> impl IntoView {
    let token = created.api_token;
    let text = format!("export BERTH_TOKEN={}", created.token.expose());
    view! {
        <Section
            title=format!("Save the token {}", token.name)
            lead="Programs send it as a bearer token in the Authorization header."
        >
            <CodeBlock label="Command that sets the token" text=text />
            <Alert tone=Tone::Warn title="The token is shown only once">
                <p>
                    "Anyone who has it can act as you in this workspace. If you lose it, delete it and create another one."
                </p>
            </Alert>
            <div class="cluster">
                <LinkButton
                    kind=ButtonKind::Primary
                    href=paths::api_tokens(token.workspace_id)
                    label="Go to API tokens"
                />
            </div>
        </Section>
    }
}

#[component]
fn Form(workspace_id: WorkspaceId) -> impl IntoView {
    let roles = [Role::Viewer, Role::Owner].map(|role| Choice {
        value: role.name().to_owned(),
        label: access(role).to_owned(),
    });
    let lifetimes = LIFETIMES.map(|(days, label)| Choice {
        value: days.to_string(),
        label: label.to_owned(),
    });
    // Without a success page, this page shows the response.
    view! {
        <Card>
            <EndpointForm
                endpoint=CreateApiToken
                path=CreateApiTokenPath { workspace_id }
                kind=ButtonKind::Primary
                label="Create API token"
                busy_label="Creating…"
                note="The next page shows the token, only once."
            >
                <TextInput
                    label="Name"
                    field="name"
                    mono=true
                    placeholder="ci"
                    hint="Where you use it. Lowercase letters, digits and hyphens."
                />
                <SelectInput
                    label="Access"
                    field="role"
                    choices=roles.into()
                    value=Role::Viewer.name()
                    hint="Full access is everything that your own role allows in this workspace."
                />
                <SelectInput
                    label="Expires after"
                    field="expires_in_days"
                    choices=lifetimes.into()
                    value=DEFAULT_LIFETIME_DAYS.to_string()
                />
            </EndpointForm>
        </Card>
    }
}
