//! `/workspace/{workspace_id}/deployment/{deployment_id}/run/{run_id}`: a run.

use components::{
    code::CodeInline,
    facts::{Fact, Facts},
    format,
    page::PageHeader,
    section::{Card, Section},
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::{
        StreamWorkspace, StreamWorkspacePath,
        deployment::{CancelRun, CancelRunPath, GetRun, GetRunPath, GetRunResponse},
    },
    deployment::Deployment,
    endpoint::Empty,
    rbac::{DeploymentAction, Permission},
    run::Run,
};

use super::{
    list_runs::PAUSE_MS,
    tabs::{DeploymentPage, DeploymentTab},
};
use crate::{
    account::Grants,
    api_call::ApiCall,
    form::EndpointForm,
    load::{Loaded, load},
    pages::workspace::ids::run_id,
    paths,
    region::Region,
    sections::deployment::{Attempts, RunSection},
};

/// A run: its attempts, its result, and its settings.
#[component]
pub(crate) fn GetRunPage() -> impl IntoView {
    view! { <DeploymentPage tab=DeploymentTab::Run body=body /> }
}

fn body(deployment: Deployment, grants: Grants) -> AnyView {
    let Deployment {
        workspace_id,
        deployment_id,
        ..
    } = deployment;
    let path = run_id().map(|run_id| GetRunPath {
        workspace_id,
        deployment_id,
        run_id,
    });
    let run = load::<GetRun>(path.clone(), Empty {});
    let may_cancel = grants.allow(Permission::Deployment(DeploymentAction::Exec));
    let view = move |GetRunResponse { run }, _| {
        let title = format!("Run {} of {}", run.number, deployment.name);
        let above = (
            format!("Runs of {}", deployment.name),
            paths::runs(workspace_id, deployment_id),
        );
        let deployment = deployment.clone();
        let call = path.clone().map(|path| {
            view! { <ApiCall endpoint=GetRun path=path query=Empty {} /> }
        });
        view! {
            <Title text=title.clone() />
            <Region
                stream=StreamWorkspace
                path=StreamWorkspacePath { workspace_id }
                pause_ms=PAUSE_MS
            >
                <PageHeader title=title above=above />
                <Details deployment=deployment run=run may_cancel=may_cancel />
            </Region>
            {call}
        }
        .into_any()
    };
    view! { <Loaded loading=run view=view /> }.into_any()
}

#[component]
fn Details(deployment: Deployment, run: Run, may_cancel: bool) -> impl IntoView {
    let path = CancelRunPath {
        workspace_id: deployment.workspace_id,
        deployment_id: deployment.deployment_id,
        run_id: run.run_id,
    };
    let page = paths::run(path.workspace_id, path.deployment_id, path.run_id);
    let cancels = may_cancel && !run.phase.is_terminal();
    let cancel = move || {
        cancels.then(|| {
            view! {
                <EndpointForm
                    endpoint=CancelRun
                    path=path.clone()
                    success=page.clone()
                    label="Cancel run"
                    busy_label="Canceling…"
                />
            }
        })
    };
    let words = |words: &[models::value::Argument]| {
        let words: Vec<&str> = words.iter().map(models::value::Argument::as_str).collect();
        words.join(" ")
    };
    let entrypoint = (!run.spec.entrypoint.is_empty()).then(|| {
        let text = words(&run.spec.entrypoint);
        view! { <Fact name="Entry point"><CodeInline text=text /></Fact> }
    });
    let arguments = (!run.spec.arguments.is_empty()).then(|| {
        let text = words(&run.spec.arguments);
        view! { <Fact name="Arguments"><CodeInline text=text /></Fact> }
    });
    let digest = run.image_digest.clone().map(|digest| {
        view! { <Fact name="Digest"><CodeInline text=digest /></Fact> }
    });
    let limit = format::duration(run.terms.timeout_ms);
    view! {
        <RunSection run=run.clone() actions=cancel />
        <Attempts run=run.clone() workspace_id=deployment.workspace_id />
        <Section title="Settings">
            <Card>
                <Facts>
                    <Fact name="Image"><CodeInline text=run.spec.image.to_string() /></Fact>
                    {digest}
                    {entrypoint}
                    {arguments}
                    <Fact name="Time limit of an attempt">{limit}</Fact>
                    <Fact name="Retries">{run.terms.retries.to_string()}</Fact>
                    <Fact name="Id"><CodeInline text=run.run_id.to_string() /></Fact>
                </Facts>
            </Card>
        </Section>
    }
}
