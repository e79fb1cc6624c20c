//! `/workspace/{workspace_id}/runner`

use components::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
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
    RunnerId,
    api::workspace::{
        StreamWorkspace, StreamWorkspacePath,
        runner::{DeleteRunner, DeleteRunnerPath, ListRunners, ListRunnersPath},
    },
    page::Page,
    rbac::{Permission, RunnerAction},
    runner::Runner,
};

use crate::{
    account::Rights,
    api_call::ApiCall,
    form::EndpointForm,
    load::{Loaded, first_page, load},
    pages::workspace::ids::workspace_id,
    parts::runner_list::RunnerList,
    paths,
    region::Region,
};

/// Lists a workspace's runners, and asks before one is removed (`?remove=`).
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
                <LinkButton
                    kind=ButtonKind::Primary
                    glyph=Glyph::Plus
                    href=paths::new_runner(workspace_id)
                    label="Add a runner"
                />
            }
        })
    };
    let removal = leaving(&page.items)
        .filter(|_| may_delete)
        .map(|runner| view! { <Removal runner=runner /> });
    view! {
        <div class="page">
            <PageHeader title="Runners" actions=create />
            {removal}
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

/// The runner that the address wants to remove.
fn leaving(runners: &[Runner]) -> Option<Runner> {
    let query = use_query_map();
    let id: RunnerId = query.read_untracked().get_str("remove")?.parse().ok()?;
    runners
        .iter()
        .find(|runner| runner.runner_id == id)
        .cloned()
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
                />
                <a href=list>"Keep it"</a>
            </Card>
        </Section>
    }
    .into_any()
}
