//! `/workspace/{workspace_id}/runner`

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
    account::Rights,
    api_call::ApiCall,
    load::{Loaded, first_page, load},
    pages::workspace::ids::workspace_id,
    parts::runner_list::RunnerList,
    paths,
    region::Region,
};

/// Lists a workspace's runners.
#[component]
pub(crate) fn ListRunnersPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| ListRunnersPath { workspace_id });
    let runners = load::<ListRunners>(path.clone(), first_page());
    let view = move |page, rights| {
        let path = path.clone();
        path.map(|path| view! { <Runners path=path page=page rights=rights /> })
            .into_any()
    };
    view! {
        <Title text="Runners" />
        <Loaded loading=runners view=view />
    }
}

#[component]
fn Runners(path: ListRunnersPath, page: Page<Runner>, rights: Rights) -> impl IntoView {
    let workspace_id = path.workspace_id;
    let may_create = rights.allow(Permission::Runner(RunnerAction::Create));
    let may_delete = rights.allow(Permission::Runner(RunnerAction::Delete));
    let may_edit = rights.allow(Permission::Runner(RunnerAction::Edit));
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
    view! {
        <div class="page">
            <PageHeader title="Runners" actions=create />
            <Region stream=StreamWorkspace path=StreamWorkspacePath { workspace_id }>
                <RunnerList
                    workspace_id=workspace_id
                    page=page
                    may_create=may_create
                    may_delete=may_delete
                    may_edit=may_edit
                />
            </Region>
            <ApiCall endpoint=ListRunners path=path query=first_page() />
        </div>
    }
}
