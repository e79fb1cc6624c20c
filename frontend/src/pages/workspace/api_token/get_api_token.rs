//! `/workspace/{workspace_id}/api-token/{api_token_id}`: an API token.

use components::{
    code::CodeInline,
    facts::{Fact, Facts},
    section::Card,
    time::Moment,
};
use leptos::prelude::*;
use models::{
    api::workspace::api_token::{
        DeleteApiToken, DeleteApiTokenPath, GetApiToken, GetApiTokenPath, GetApiTokenResponse,
    },
    api_token::ApiToken,
};

use super::{API_TOKENS, access};
use crate::{
    account::Grants,
    pages::workspace::{
        ids::{api_token_id, workspace_id},
        resource::get::{EndOf, ResourcePage, thing_page},
    },
    paths,
};

/// An API token: its access, its last use, its deletion.
#[component]
pub(crate) fn GetApiTokenPage() -> impl IntoView {
    let ids = workspace_id().zip(api_token_id());
    let path = ids.map(|(workspace_id, api_token_id)| GetApiTokenPath {
        workspace_id,
        api_token_id,
    });
    thing_page(API_TOKENS, GetApiToken, path, thing)
}

fn thing(GetApiTokenResponse { api_token }: GetApiTokenResponse, _: Grants) -> ResourcePage {
    let path = DeleteApiTokenPath {
        workspace_id: api_token.workspace_id,
        api_token_id: api_token.api_token_id,
    };
    ResourcePage {
        title: api_token.name.to_string(),
        workspace_id: api_token.workspace_id,
        body: view! {
            <About api_token=api_token.clone() />
            <EndOf
                endpoint=DeleteApiToken
                path=path
                warning=ViewFn::from(|| "Programs that use this token are refused immediately.")
                name=api_token.name.to_string()
                success=paths::api_tokens(api_token.workspace_id)
                label="Delete this token"
                busy_label="Deleting…"
            />
        }
        .into_any(),
    }
}

#[component]
fn About(api_token: ApiToken) -> impl IntoView {
    let last_used = match api_token.last_used_at {
        Some(at) => view! { <Moment at=at /> }.into_any(),
        None => view! { <span class="soft">"never"</span> }.into_any(),
    };
    view! {
        <Card>
            <Facts>
                <Fact name="Access">{access(api_token.role)}</Fact>
                <Fact name="Last used">{last_used}</Fact>
                <Fact name="Created">
                    <Moment at=api_token.created_at />
                </Fact>
                <Fact name="Expiry">
                    <Moment at=api_token.expires_at />
                </Fact>
                <Fact name="Id">
                    <CodeInline text=api_token.api_token_id.to_string() />
                </Fact>
            </Facts>
        </Card>
    }
}
