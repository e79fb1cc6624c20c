//! The page of one resource.

use components::{
    button::ButtonKind,
    confirm::ConfirmByTyping,
    page::PageHeader,
    section::{Card, Section},
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    client::{Satisfies, Session},
    endpoint::{ApiEndpoint, Empty},
};

use super::ResourceKind;
use crate::{
    account::Grants,
    api_call::ApiCall,
    form::EndpointForm,
    load::{Loaded, load},
};

/// One resource: its name, its workspace and its content.
pub(crate) struct ResourcePage {
    pub(crate) title: String,
    pub(crate) workspace_id: WorkspaceId,
    pub(crate) body: AnyView,
}

/// Shows the resource that an endpoint reads.
pub(crate) fn thing_page<E>(
    kind: ResourceKind,
    endpoint: E,
    path: Option<E::Path>,
    thing: fn(E::Response, Grants) -> ResourcePage,
) -> AnyView
where
    E: ApiEndpoint<Query = Empty, Request = Empty> + Copy,
    Session: Satisfies<E::Caller>,
{
    let loading = load::<E>(path.clone(), Empty {});
    let view = move |loaded: E::Response, grants| {
        let ResourcePage {
            title,
            workspace_id,
            body,
        } = thing(loaded, grants);
        let call = path
            .clone()
            .map(|path| view! { <ApiCall endpoint=endpoint path=path query=Empty {} /> });
        view! {
            <Title text=title.clone() />
            <div class="page page-narrow">
                <PageHeader title=title above=kind.above(workspace_id) />
                {body}
                {call}
            </div>
        }
        .into_any()
    };
    view! { <Loaded loading=loading view=view /> }.into_any()
}

/// The deletion of a resource, confirmed by typing its name.
#[component]
pub(crate) fn EndOf<E>(
    /// The endpoint that deletes it.
    endpoint: E,
    path: E::Path,
    /// The heading.
    #[prop(default = "Delete")]
    title: &'static str,
    /// The warning about lost data.
    warning: ViewFn,
    /// Name of the resource.
    name: String,
    /// Address to go to afterwards.
    success: String,
    /// Label of the button.
    label: &'static str,
    /// Label of the button while the form is being sent.
    busy_label: &'static str,
) -> impl IntoView
where
    E: ApiEndpoint<Query = Empty>,
{
    view! {
        <Section title=title>
            <Card danger=true>
                <p>{warning.run()}</p>
                <EndpointForm
                    endpoint=endpoint
                    path=path
                    success=success
                    kind=ButtonKind::Danger
                    label=label
                    busy_label=busy_label
                >
                    <ConfirmByTyping expected=name />
                </EndpointForm>
            </Card>
        </Section>
    }
}
