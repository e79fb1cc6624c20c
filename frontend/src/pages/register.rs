//! `/register`: target of the link that a runner shows to request registration.

use components::{button::LinkButton, layout::PlainFrame, page::PageHeader};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use models::{
    api::workspace::ListWorkspaces,
    endpoint::Empty,
    error::ApiError,
    rbac::{Permission, RunnerAction},
    value::UserCode,
    workspace::Workspace,
};

use crate::{
    client::{PageClient, use_client},
    load::{LoadError, first_page},
    paths,
};

/// Leads to the runner's workspace; asks for it if the person has several.
#[component]
pub(crate) fn RegisterRunnerPage() -> impl IntoView {
    let refusal = LoadError::new();
    let code = code_in_address();
    let workspaces = OnceResource::new(workspaces(use_client()));
    view! {
        <Title text="Add a runner" />
        <Suspense>
            {move || {
                let (refusal, code) = (refusal.clone(), code.clone());
                Suspend::new(async move {
                    match workspaces.await {
                        Ok(found) => match found.as_slice() {
                            [only] => {
                                refusal.go(&paths::enter_code(only.workspace_id, code.as_ref()));
                                ().into_any()
                            }
                            _ => view! { <Choice workspaces=found code=code /> }.into_any(),
                        },
                        Err(error) => {
                            let problem = refusal.view(error);
                            view! { <PlainFrame>{problem}</PlainFrame> }.into_any()
                        }
                    }
                })
            }}
        </Suspense>
    }
}

/// Returns the user code in the address, if it is well-formed.
pub(super) fn code_in_address() -> Option<UserCode> {
    let query = use_query_map();
    let code = UserCode::new(query.read_untracked().get_str("code")?).ok()?;
    Some(code.grouped())
}

/// Returns the workspaces in which the person may register runners.
async fn workspaces(client: PageClient) -> Result<Vec<Workspace>, ApiError> {
    let none = Empty {};
    let page = client
        .call::<ListWorkspaces>(&none, &first_page(), &none)
        .await?;
    let create = Permission::Runner(RunnerAction::Create);
    let mut workspaces = page.items;
    workspaces.retain(|workspace| workspace.grants.allow(create));
    Ok(workspaces)
}

#[component]
fn Choice(workspaces: Vec<Workspace>, code: Option<UserCode>) -> impl IntoView {
    let lead = if workspaces.is_empty() {
        "You cannot add runners to any of your workspaces. Ask an owner of a workspace to enter the code."
    } else {
        "Choose a workspace for this runner."
    };
    let links = workspaces.into_iter().map(move |workspace| {
        let href = paths::enter_code(workspace.workspace_id, code.as_ref());
        view! { <LinkButton href=href label=workspace.name.to_string() /> }
    });
    view! {
        <PlainFrame>
            <PageHeader title="Add a runner" lead=lead />
            <div class="cluster">{links.collect_view()}</div>
        </PlainFrame>
    }
}
