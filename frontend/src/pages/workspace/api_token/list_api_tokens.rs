//! `/workspace/{workspace_id}/api-token`: the list of a person's API tokens.

use components::{
    icon::Glyph,
    rows::{Row, Rows},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    api::workspace::api_token::{ListApiTokens, ListApiTokensPath},
    api_token::ApiToken,
};

use super::{API_TOKENS, access};
use crate::{
    pages::workspace::resource::list::{ResourceList, list_page},
    paths,
};

/// Lists a person's API tokens in a workspace.
#[component]
pub(crate) fn ListApiTokensPage() -> impl IntoView {
    list_page(ResourceList {
        kind: API_TOKENS,
        endpoint: ListApiTokens,
        path: |workspace_id| ListApiTokensPath { workspace_id },
        glyph: Glyph::Key,
        none: "No API tokens yet",
        sentence: "An API token lets a script or a CI job use the API as you, in this workspace only, until it expires.",
        rows,
    })
}

fn rows(tokens: &[ApiToken], _: bool) -> AnyView {
    let rows = tokens.iter().map(row).collect::<Vec<_>>();
    view! { <Rows label="API tokens">{rows}</Rows> }.into_any()
}

fn row(token: &ApiToken) -> AnyView {
    let detail = match token.last_used_at {
        Some(_) => access(token.role).to_owned(),
        None => format!("{}, never used", access(token.role)),
    };
    let at = token.expires_at;
    view! {
        <Row
            title=token.name.to_string()
            href=paths::api_token(token.workspace_id, token.api_token_id)
            detail=detail
            end=move || view! { "expiry " <Moment at=at /> }
        />
    }
    .into_any()
}
