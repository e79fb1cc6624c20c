//! `/workspace/{workspace_id}/secret`

use components::{
    button::{ButtonKind, LinkButton},
    empty::EmptyState,
    format,
    icon::Glyph,
    page::PageHeader,
    rows::{Row, Rows},
    time::Moment,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::secret::{ListSecrets, ListSecretsPath},
    page::Page,
    rbac::{Permission, SecretAction},
    secret::Secret,
};

use crate::{
    account::Rights,
    api_call::ApiCall,
    load::{Loaded, first_page, load},
    pages::workspace::ids::workspace_id,
    paths,
};

/// Lists a workspace's secrets.
#[component]
pub(crate) fn ListSecretsPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| ListSecretsPath { workspace_id });
    let secrets = load::<ListSecrets>(path.clone(), first_page());
    let view = move |page, rights| {
        let path = path.clone();
        path.map(|path| view! { <Secrets path=path page=page rights=rights /> })
            .into_any()
    };
    view! {
        <Title text="Secrets" />
        <Loaded loading=secrets view=view />
    }
}

#[component]
fn Secrets(path: ListSecretsPath, page: Page<Secret>, rights: Rights) -> impl IntoView {
    let workspace_id = path.workspace_id;
    let may_create = rights.allow(Permission::Secret(SecretAction::Create));
    let create = move || may_create.then(|| new_secret(workspace_id));
    let list = if page.items.is_empty() {
        view! {
            <EmptyState
                glyph=Glyph::Secret
                title="No secrets yet"
                sentence="A secret is a value that apps get as an environment variable and that no page shows again: a password, a key, a certificate."
            >
                {create}
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = page.items.iter().map(row).collect::<Vec<_>>();
        view! { <Rows label="Secrets">{rows}</Rows> }.into_any()
    };
    view! {
        <div class="page">
            <PageHeader title="Secrets" actions=create />
            {list}
            <ApiCall endpoint=ListSecrets path=path query=first_page() />
        </div>
    }
}

fn new_secret(workspace_id: WorkspaceId) -> AnyView {
    view! {
        <LinkButton
            kind=ButtonKind::Primary
            glyph=Glyph::Plus
            href=paths::new_secret(workspace_id)
            label="New secret"
        />
    }
    .into_any()
}

fn row(secret: &Secret) -> AnyView {
    let users = i64::try_from(secret.used_by.len()).unwrap_or(i64::MAX);
    let used = if users == 0 {
        "Nothing uses it".to_owned()
    } else {
        format!("Used by {}", format::count(users, "deployment"))
    };
    let at = secret.updated_at;
    view! {
        <Row
            title=secret.name.to_string()
            href=paths::secret(secret.workspace_id, secret.secret_id)
            detail=used
            end=move || view! { <Moment at=at /> }
        />
    }
    .into_any()
}
