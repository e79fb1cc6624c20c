//! What all pages of one deployment have: its live state, its name, its tabs.

use components::{
    alert::Alert,
    page::PageHeader,
    status::{ObservedStatus, Tone},
    tabs::{Tab, Tabs},
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::deployment::{
        GetDeployment, GetDeploymentPath, GetDeploymentResponse, StreamDeployment,
        StreamDeploymentPath, StreamDeploymentServerMessage,
    },
    deployment::{Deployment, DesiredState},
    endpoint::Empty,
};

use crate::{
    live::{Link, LinkNotice, Next, follow},
    load::{Loaded, load},
    pages::workspace::ids::{use_deployment_id, use_workspace_id},
    paths,
};

/// Which page of a deployment this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Overview,
    Logs,
    Settings,
}

/// A page of the deployment that the address names, kept up to date.
#[component]
pub(super) fn DeploymentPage(
    place: Place,
    /// Stands at the right of the name.
    #[prop(optional, into)]
    actions: Option<Callback<RwSignal<Deployment>, AnyView>>,
    /// The page below the tabs.
    body: fn(RwSignal<Deployment>) -> AnyView,
) -> impl IntoView {
    let (workspace_id, deployment_id) = (use_workspace_id(), use_deployment_id());
    let path = move || {
        Some(GetDeploymentPath {
            workspace_id: workspace_id.get()?,
            deployment_id: deployment_id.get()?,
        })
    };
    let deployment = load::<GetDeployment>(path, Empty {});
    let view = move |answer: RwSignal<GetDeploymentResponse>| {
        let deployment = RwSignal::new(answer.get_untracked().deployment);
        let link = follow_deployment(deployment);
        view! { <Around place=place deployment=deployment link=link actions=actions body=body /> }
            .into_any()
    };
    view! { <Loaded loading=deployment view=view /> }
}

fn follow_deployment(into: RwSignal<Deployment>) -> ReadSignal<Link> {
    let Deployment {
        workspace_id,
        deployment_id,
        ..
    } = into.get_untracked();
    let path = StreamDeploymentPath {
        workspace_id,
        deployment_id,
    };
    follow::<StreamDeployment>(
        path,
        || Empty {},
        move |message| match message {
            StreamDeploymentServerMessage::State { deployment } => {
                into.try_set(*deployment);
                Next::Listen
            }
            StreamDeploymentServerMessage::Gone => Next::Close,
        },
    )
}

#[component]
fn Around(
    place: Place,
    deployment: RwSignal<Deployment>,
    link: ReadSignal<Link>,
    actions: Option<Callback<RwSignal<Deployment>, AnyView>>,
    body: fn(RwSignal<Deployment>) -> AnyView,
) -> impl IntoView {
    let Deployment {
        workspace_id,
        deployment_id,
        name,
        ..
    } = deployment.get_untracked();
    let above = ("Deployments".to_owned(), paths::deployments(workspace_id));
    let title = match place {
        Place::Overview => name.to_string(),
        Place::Logs => format!("{name} logs"),
        Place::Settings => format!("{name} settings"),
    };
    let tab = |name, href, of| Tab {
        name,
        href,
        is_current: place == of,
    };
    let tabs = vec![
        tab(
            "Overview",
            paths::deployment(workspace_id, deployment_id),
            Place::Overview,
        ),
        tab(
            "Logs",
            paths::logs(workspace_id, deployment_id),
            Place::Logs,
        ),
        tab(
            "Settings",
            paths::settings(workspace_id, deployment_id),
            Place::Settings,
        ),
    ];
    let label = format!("Pages of {name}");
    let observed = Signal::derive(move || deployment.read().observed.clone());
    let desired = Signal::derive(move || deployment.read().desired);
    let phase = Signal::derive(move || deployment.read().release.as_ref().map(|r| r.phase));
    view! {
        <Title text=title />
        <div class="page">
            <PageHeader
                title=name.to_string()
                above=above
                aside=move || {
                    view! {
                        <div aria-live="polite">
                            <ObservedStatus observed=observed desired=desired phase=phase />
                        </div>
                    }
                }
                actions=move || actions.map(|actions| actions.run(deployment))
            />
            <Tabs label=label tabs=tabs />
            <Gone link=link desired=desired deployments=paths::deployments(workspace_id) />
            {body(deployment)}
            <LinkNotice link=link />
        </div>
    }
}

/// Says that the deployment is on its way out, or gone.
#[component]
fn Gone(
    link: ReadSignal<Link>,
    desired: Signal<DesiredState>,
    deployments: String,
) -> impl IntoView {
    move || {
        if link.get() == Link::Over {
            let deployments = deployments.clone();
            return view! {
                <Alert tone=Tone::Neutral title="This deployment was deleted" urgent=true>
                    <a href=deployments>"Back to the deployments"</a>
                </Alert>
            }
            .into_any();
        }
        (desired.get() == DesiredState::Deleted)
            .then(|| {
                view! {
                    <Alert tone=Tone::Busy title="This deployment is being deleted">
                        <p>
                            "It disappears once its runner has removed everything. If the runner is away, that is when it is back."
                        </p>
                    </Alert>
                }
            })
            .into_any()
    }
}
