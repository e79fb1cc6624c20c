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
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::{
        GetWorkspace, GetWorkspacePath,
        api_token::{CreateApiToken, CreateApiTokenPath, CreateApiTokenResponse},
    },
    api_token::DEFAULT_LIFETIME_DAYS,
    endpoint::{ApiEndpoint, Empty},
    rbac::Role,
};

use super::{API_TOKENS, access};
use crate::{
    account::Grants,
    form::{EndpointForm, SelectInput, TextInput, answer_of},
    load::{Loaded, load},
    pages::workspace::{ids::workspace_id, resource::create::creating},
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
    let workspace_id = workspace_id();
    let path = workspace_id.map(|workspace_id| GetWorkspacePath { workspace_id });
    let workspace = load::<GetWorkspace>(path, Empty {});
    let view = move |_, grants| {
        workspace_id
            .map(|workspace_id| {
                let refusal = "Members of the workspace can create API tokens.";
                let body = move || body(workspace_id, grants);
                creating(API_TOKENS, workspace_id, grants, refusal, body)
            })
            .into_any()
    };
    view! {
        <Title text=API_TOKENS.new />
        <Loaded loading=workspace view=view />
    }
}

fn body(workspace_id: WorkspaceId, grants: Grants) -> AnyView {
    match answer_of::<CreateApiTokenResponse>(CreateApiToken::INFO.name) {
        Some(created) => view! { <Created created=created /> }.into_any(),
        None => view! { <Form workspace_id=workspace_id grants=grants /> }.into_any(),
    }
}

/// True if a person with these grants may give the role to a token.
fn may_give(grants: Grants, role: Role) -> bool {
    role.grants()
        .iter()
        .all(|permission| grants.allow(permission))
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
fn Form(workspace_id: WorkspaceId, grants: Grants) -> impl IntoView {
    let roles = [Role::Viewer, Role::Owner].into_iter();
    let roles = roles.filter(|role| may_give(grants, *role));
    let roles: Vec<_> = roles
        .map(|role| Choice {
            value: role.name().to_owned(),
            label: access(role).to_owned(),
        })
        .collect();
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
                    choices=roles
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
