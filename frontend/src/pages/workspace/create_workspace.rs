//! `/workspace/new`: the form for a new workspace.

use components::{button::ButtonKind, page::PageHeader, section::Card};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::{CreateWorkspace, CreateWorkspaceRequest},
    endpoint::Empty,
    value::ResourceName,
};

use crate::{
    api_call::ApiCall,
    form::{EndpointForm, TextInput},
};

/// The form for a new workspace.
#[component]
pub(crate) fn CreateWorkspacePage() -> impl IntoView {
    let example = CreateWorkspaceRequest {
        name: ResourceName::trusted("my-team"),
    };
    view! {
        <Title text="New workspace" />
        <div class="page page-narrow">
            <PageHeader
                title="New workspace"
                lead="A workspace holds deployments and runners. Nothing in it is visible from other workspaces."
            />
            <Card>
                <EndpointForm
                    endpoint=CreateWorkspace
                    path=Empty {}
                    success="/workspace/{workspace.workspace_id}"
                    kind=ButtonKind::Primary
                    label="Create workspace"
                    busy_label="Creating…"
                >
                    <TextInput
                        label="Name"
                        field="name"
                        mono=true
                        placeholder="my-team"
                        hint="Lowercase letters, digits and hyphens. Must start with a letter."
                    />
                </EndpointForm>
            </Card>
            <ApiCall endpoint=CreateWorkspace path=Empty {} query=Empty {} request=example />
        </div>
    }
}
