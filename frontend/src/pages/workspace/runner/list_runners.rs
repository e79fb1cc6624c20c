//! `/workspace/{workspace_id}/runner`: the list of runners.

use components::{
    button::{ButtonKind, LinkButton},
    icon::Glyph,
    page::PageHeader,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::{
        StreamWorkspace, StreamWorkspacePath,
        runner::{ListRunners, ListRunnersPath},
    },
    page::Page,
    rbac::{Permission, RunnerAction},
    runner::Runner,
};

use crate::{
    account::Grants,
    api_call::ApiCall,
    load::{Loaded, load},
    pages::workspace::ids::workspace_id,
    paging::Paging,
    paths,
    region::Region,
    sections::{runner_list::RunnerList, shared_host::SharedHostAlert},
};

/// Lists a workspace's runners.
#[component]
pub(crate) fn ListRunnersPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| ListRunnersPath { workspace_id });
    let list = path.as_ref().map(|path| paths::runners(path.workspace_id));
    let paging = Paging::of(list.unwrap_or_default());
    let runners = load::<ListRunners>(path.clone(), paging.query());
    let view = move |page, grants| {
        let (path, paging) = (path.clone(), paging.clone());
        path.map(|path| view! { <Runners path=path paging=paging page=page grants=grants /> })
            .into_any()
    };
    view! {
        <Title text="Runners" />
        <Loaded loading=runners view=view />
    }
}

#[component]
fn Runners(
    path: ListRunnersPath,
    paging: Paging,
    page: Page<Runner>,
    grants: Grants,
) -> impl IntoView {
    let workspace_id = path.workspace_id;
    let may_create = grants.allow(Permission::Runner(RunnerAction::Create));
    let create = move || {
        may_create.then(|| {
            view! {
                <LinkButton href=paths::enter_code(workspace_id, None) label="Enter a code" />
                <LinkButton
                    kind=ButtonKind::Primary
                    glyph=Glyph::Plus
                    href=paths::new_runner(workspace_id)
                    label="Add a runner"
                />
            }
        })
    };
    let query = paging.query();
    let warned = page.items.clone();
    view! {
        <div class="page">
            <PageHeader title="Runners" actions=create />
            <Region stream=StreamWorkspace path=StreamWorkspacePath { workspace_id }>
                <SharedHostAlert runners=warned grants=grants />
                <RunnerList
                    workspace_id=workspace_id
                    paging=paging
                    page=page
                    may_create=may_create
                />
            </Region>
            <ApiCall endpoint=ListRunners path=path query=query />
        </div>
    }
}
