//! `/workspace/{workspace_id}/environment/{environment_id}`: an environment.

use components::{
    button::ButtonKind,
    code::CodeInline,
    facts::{Fact, Facts, NumberTile, Numbers},
    page::PageHeader,
    section::{Card, Section},
    time::Moment,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::environment::{
        DeleteEnvironment, DeleteEnvironmentPath, GetEnvironment, GetEnvironmentPath,
        GetEnvironmentResponse, UpdateEnvironment, UpdateEnvironmentPath,
    },
    endpoint::Empty,
    environment::Environment,
    rbac::{EnvironmentAction, Permission},
};

use crate::{
    account::Grants,
    api_call::ApiCall,
    form::{EndpointForm, TextInput},
    load::{Loaded, load},
    pages::workspace::{
        ids::{environment_id, workspace_id},
        resource::get::EndOf,
    },
    paths,
};

/// An environment: its resources, its name, its deletion.
#[component]
pub(crate) fn GetEnvironmentPage() -> impl IntoView {
    let ids = workspace_id().zip(environment_id());
    let path = ids.map(|(workspace_id, environment_id)| GetEnvironmentPath {
        workspace_id,
        environment_id,
    });
    let environment = load::<GetEnvironment>(path, Empty {});
    let view = move |GetEnvironmentResponse { environment }, grants| {
        view! { <Page environment=environment grants=grants /> }.into_any()
    };
    view! { <Loaded loading=environment view=view /> }
}

#[component]
fn Page(environment: Environment, grants: Grants) -> impl IntoView {
    let (workspace_id, environment_id) = (environment.workspace_id, environment.environment_id);
    let may = |action| grants.allow(Permission::Environment(action));
    let renaming = may(EnvironmentAction::Edit);
    let renaming = renaming.then(|| view! { <Renaming environment=environment.clone() /> });
    let deleting = may(EnvironmentAction::Delete);
    let deleting = deleting.then(|| view! { <Deleting environment=environment.clone() /> });
    let title = format!("{} / {}", environment.project_name, environment.name);
    let project = paths::project(workspace_id, environment.project_id);
    let above = (environment.project_name.to_string(), project);
    let path = GetEnvironmentPath {
        workspace_id,
        environment_id,
    };
    view! {
        <Title text=title />
        <div class="page page-narrow">
            <PageHeader title=environment.name.to_string() above=above />
            <Contents environment=environment />
            {renaming}
            {deleting}
            <ApiCall endpoint=GetEnvironment path=path query=Empty {} />
        </div>
    }
}

#[component]
fn Contents(environment: Environment) -> impl IntoView {
    let workspace_id = environment.workspace_id;
    let id = environment.environment_id;
    let list = move |list: fn(_) -> String| paths::within(&list(workspace_id), Some(id));
    let default = if environment.is_default {
        "Yes. Names without an environment mean this one."
    } else {
        "No"
    };
    let at = environment.created_at;
    view! {
        <Numbers>
            <NumberTile
                value=environment.deployments.to_string()
                label="Deployments"
                href=list(paths::deployments)
            />
            <NumberTile
                value=environment.secrets.to_string()
                label="Secrets"
                href=list(paths::secrets)
            />
            <NumberTile
                value=environment.volumes.to_string()
                label="Volumes"
                href=list(paths::volumes)
            />
        </Numbers>
        <Card>
            <Facts>
                <Fact name="Default">{default}</Fact>
                <Fact name="Created">
                    <Moment at=at />
                </Fact>
                <Fact name="Id">
                    <CodeInline text=environment.environment_id.to_string() />
                </Fact>
            </Facts>
        </Card>
    }
}

#[component]
fn Renaming(environment: Environment) -> impl IntoView {
    let path = UpdateEnvironmentPath {
        workspace_id: environment.workspace_id,
        environment_id: environment.environment_id,
    };
    view! {
        <Section title="Name" lead="Running instances are not affected.">
            <Card>
                <EndpointForm
                    endpoint=UpdateEnvironment
                    path=path
                    success=paths::environment(environment.workspace_id, environment.environment_id)
                    kind=ButtonKind::Primary
                    label="Rename environment"
                    busy_label="Renaming…"
                >
                    <TextInput
                        label="Name"
                        field="name"
                        value=environment.name.to_string()
                        mono=true
                        hint="Unique in the project. Scripts and names such as staging:web use it."
                    />
                </EndpointForm>
            </Card>
        </Section>
    }
}

#[component]
fn Deleting(environment: Environment) -> impl IntoView {
    if !environment.is_empty() {
        return view! {
            <p class="soft">
                "This environment can be deleted once it has no deployments, secrets and volumes. Volumes in the trash count until their data is removed."
            </p>
        }
        .into_any();
    }
    let path = DeleteEnvironmentPath {
        workspace_id: environment.workspace_id,
        environment_id: environment.environment_id,
    };
    view! {
        <EndOf
            endpoint=DeleteEnvironment
            path=path
            warning=ViewFn::from(|| "The environment is empty, so nothing stops running.")
            name=environment.name.to_string()
            success=paths::project(environment.workspace_id, environment.project_id)
            label="Delete this environment"
            busy_label="Deleting…"
        />
    }
    .into_any()
}
