//! `/workspace/{workspace_id}/secret`: the list of secrets.

use components::{
    format,
    icon::Glyph,
    rows::{Row, Rows},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    api::workspace::secret::{ListSecrets, ListSecretsPath},
    secret::Secret,
};

use super::SECRETS;
use crate::{
    pages::workspace::resource::list::{ResourceList, list_page},
    paths,
    sections::environment_switch::environment_name,
};

/// Lists a workspace's secrets.
#[component]
pub(crate) fn ListSecretsPage() -> impl IntoView {
    list_page(ResourceList {
        kind: SECRETS,
        endpoint: ListSecrets,
        path: |workspace_id| ListSecretsPath { workspace_id },
        glyph: Glyph::Secret,
        none: "No secrets yet",
        sentence: "A secret is a value that apps receive as an environment variable and that is never shown again, such as a password, a key or a certificate.",
        rows,
    })
}

fn rows(secrets: &[Secret], several: bool) -> AnyView {
    let row = |secret| row(secret, several);
    let rows = secrets.iter().map(row).collect::<Vec<_>>();
    view! { <Rows label="Secrets">{rows}</Rows> }.into_any()
}

fn row(secret: &Secret, several: bool) -> AnyView {
    let users = i64::try_from(secret.used_by.len()).unwrap_or(i64::MAX);
    let used = if users == 0 {
        "Not used".to_owned()
    } else {
        format!("Used by {}", format::count(users, "deployment"))
    };
    let place = several.then(|| format!("{} · ", environment_name(&secret.environment)));
    let used = place.unwrap_or_default() + &used;
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
