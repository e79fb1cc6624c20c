//! `/workspace/{workspace_id}/runner`

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    empty::EmptyState,
    format,
    icon::Glyph,
    page::PageHeader,
    section::{Card, Section},
    status::Tone,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use models::{
    RunnerId, WorkspaceId,
    api::workspace::runner::{DeleteRunner, DeleteRunnerPath, ListRunners, ListRunnersPath},
    page::Page,
    rbac::{Permission, RunnerAction},
    runner::Runner,
};

use super::rows::RunnerRows;
use crate::{
    account::Allowed,
    api_call::ApiCall,
    client::use_client,
    form::EndpointForm,
    live::{LinkNotice, first_page, reload},
    load::{Loaded, load},
    pages::workspace::{following::follow_workspace, ids::use_workspace_id},
    paths,
};

/// Lists a workspace's runners, and asks before one is removed (`?remove=`).
#[component]
pub(crate) fn ListRunnersPage() -> impl IntoView {
    let workspace_id = use_workspace_id();
    let path = move || {
        workspace_id
            .get()
            .map(|workspace_id| ListRunnersPath { workspace_id })
    };
    let runners = load::<ListRunners>(path, first_page());
    let view = move |page| {
        workspace_id
            .get_untracked()
            .map(|workspace_id| view! { <Runners workspace_id=workspace_id page=page /> })
            .into_any()
    };
    view! {
        <Title text="Runners" />
        <Loaded loading=runners view=view />
    }
}

#[component]
fn Runners(workspace_id: WorkspaceId, page: RwSignal<Page<Runner>>) -> impl IntoView {
    let path = ListRunnersPath { workspace_id };
    let client = use_client();
    let reload_path = path.clone();
    let refresh =
        move || reload::<ListRunners>(client.clone(), reload_path.clone(), first_page(), page);
    let link = follow_workspace(workspace_id, || (), refresh.clone());
    let query = use_query_map();
    let leaving = Memo::new(move |_| {
        let id: RunnerId = query.read().get_str("remove")?.parse().ok()?;
        let page = page.read();
        page.items
            .iter()
            .find(|runner| runner.runner_id == id)
            .cloned()
    });
    let is_empty = Memo::new(move |_| page.read().items.is_empty());
    view! {
        <div class="page">
            <PageHeader
                title="Runners"
                actions=move || {
                    view! {
                        <Allowed permission=Permission::Runner(RunnerAction::Create)>
                            <LinkButton
                                kind=ButtonKind::Primary
                                glyph=Glyph::Plus
                                href=paths::new_runner(workspace_id)
                                label="Add a runner"
                            />
                        </Allowed>
                    }
                }
            />
            {move || leaving.get().map(|runner| view! { <Removal runner=runner /> })}
            <Show
                when=move || !is_empty.get()
                fallback=move || view! { <NoRunners workspace_id=workspace_id /> }
            >
                <RunnerRows
                    workspace_id=workspace_id
                    runners=Signal::derive(move || page.read().items.clone())
                />
            </Show>
            <ApiCall endpoint=ListRunners path=path query=first_page() />
            <LinkNotice link=link />
        </div>
    }
}

/// The last question before a runner is removed.
#[component]
fn Removal(runner: Runner) -> impl IntoView {
    let workspace_id = runner.workspace_id;
    let list = paths::runners(workspace_id);
    let title = format!("Remove {}?", runner.name);
    if runner.deployments > 0 {
        let what = format!(
            "It still runs {}. Delete them first.",
            format::count(runner.deployments, "deployment")
        );
        return view! {
            <Alert tone=Tone::Warn title=title>
                <p>{what}</p>
                <LinkButton href=list label="Back" />
            </Alert>
        }
        .into_any();
    }
    let path = DeleteRunnerPath {
        workspace_id,
        runner_id: runner.runner_id,
    };
    view! {
        <Section title=title>
            <Card danger=true>
                <p>
                    "Its token stops working and its connection is cut at once. It runs no deployments, so nothing stops."
                </p>
                <EndpointForm
                    endpoint=DeleteRunner
                    path=path
                    success=list.clone()
                    kind=ButtonKind::Danger
                    label="Remove this runner"
                    busy_label="Removing…"
                >
                    ""
                </EndpointForm>
                <a href=list>"Keep it"</a>
            </Card>
        </Section>
    }
    .into_any()
}

#[component]
fn NoRunners(workspace_id: WorkspaceId) -> impl IntoView {
    view! {
        <EmptyState
            glyph=Glyph::Runner
            title="No runners yet"
            sentence="A runner is a program on one of your machines: it connects to Berth and runs what you deploy."
        >
            <Allowed permission=Permission::Runner(RunnerAction::Create)>
                <LinkButton href=paths::new_runner(workspace_id) label="Add a runner" />
            </Allowed>
        </EmptyState>
    }
}
