//! `/workspace/{workspace_id}/deployment/{deployment_id}/release/{release_id}`
//!
//! A release of a deployment.

use components::{
    button::ButtonKind,
    code::CodeInline,
    diff::DiffTable,
    facts::{Fact, Facts},
    page::PageHeader,
    section::{Card, Section},
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::deployment::{
        GetRelease, GetReleasePath, GetReleaseResponse, RollBackDeployment, RollBackDeploymentPath,
        StreamDeployment, StreamDeploymentPath,
    },
    deployment::{Deployment, DesiredState, Release, Spec, diff},
    endpoint::Empty,
    rbac::{DeploymentAction, Permission},
};

use super::tabs::{DeploymentPage, DeploymentTab};
use crate::{
    account::Grants,
    api_call::ApiCall,
    form::EndpointForm,
    load::{Loaded, load},
    pages::workspace::ids::release_id,
    paths,
    region::Region,
    sections::{
        deployment::{CancelButton, ReleaseSection},
        spec_inputs::volumes::DOWNTIME,
    },
};

/// A release: its progress, its changes, and the roll back to it.
#[component]
pub(crate) fn GetReleasePage() -> impl IntoView {
    view! { <DeploymentPage tab=DeploymentTab::Release body=body /> }
}

fn body(deployment: Deployment, grants: Grants) -> AnyView {
    let Deployment {
        workspace_id,
        deployment_id,
        ..
    } = deployment;
    let path = release_id().map(|release_id| GetReleasePath {
        workspace_id,
        deployment_id,
        release_id,
    });
    let release = load::<GetRelease>(path.clone(), Empty {});
    let stream = StreamDeploymentPath {
        workspace_id,
        deployment_id,
    };
    let may_edit = grants.allow(Permission::Deployment(DeploymentAction::Edit));
    let view = move |GetReleaseResponse { release, previous }, _| {
        let title = format!("Release {} of {}", release.number, deployment.name);
        let above = (
            deployment.name.to_string(),
            paths::deployment(workspace_id, deployment_id),
        );
        let call = path.clone().map(|path| {
            view! { <ApiCall endpoint=GetRelease path=path query=Empty {} /> }
        });
        let (deployment, stream) = (deployment.clone(), stream.clone());
        view! {
            <Title text=title.clone() />
            <Region
                stream=StreamDeployment
                path=stream
                gone=paths::deployments(workspace_id)
            >
                <PageHeader title=title above=above />
                <Details
                    deployment=deployment
                    release=release
                    previous=previous
                    may_edit=may_edit
                />
            </Region>
            {call}
        }
        .into_any()
    };
    view! { <Loaded loading=release view=view /> }.into_any()
}

#[component]
fn Details(
    deployment: Deployment,
    release: Release,
    previous: Option<Release>,
    may_edit: bool,
) -> impl IntoView {
    let changes = match &previous {
        Some(previous) => diff(&previous.spec, &release.spec),
        None => Vec::new(),
    };
    let none = match &previous {
        Some(previous) => format!("Same as release {}.", previous.number),
        None => "This is the first release.".to_owned(),
    };
    let since = previous.map_or_else(String::new, |previous| {
        format!("Compared with release {}.", previous.number)
    });
    let ids = (deployment.workspace_id, deployment.deployment_id);
    let cancels = may_edit && !release.phase.is_terminal();
    let release_id = release.release_id;
    let cancel = move || cancels.then(|| view! { <CancelButton ids=ids release_id=release_id /> });
    let back = may_edit && deployment.desired != DesiredState::Deleted;
    let back = back.then(|| {
        view! { <RollBack deployment=deployment release=release.clone() /> }
    });
    let digest = release.image_digest.clone().map(|digest| {
        view! {
            <Fact name="Digest">
                <CodeInline text=digest />
            </Fact>
        }
    });
    view! {
        <ReleaseSection release=release.clone() actions=cancel />
        <Section title="Changes" lead=since>
            <Card>
                <DiffTable changes=changes none=none />
            </Card>
        </Section>
        <Section title="Specification">
            <Card>
                <Facts>
                    <Fact name="Image">
                        <code>{release.spec.image.to_string()}</code>
                    </Fact>
                    {digest}
                    <Fact name="Id">
                        <CodeInline text=release_id.to_string() />
                    </Fact>
                </Facts>
            </Card>
        </Section>
        {back}
    }
}

/// The changes that a roll back makes, and its button.
#[component]
fn RollBack(deployment: Deployment, release: Release) -> impl IntoView {
    let changes = diff(&deployment.spec, &release.spec);
    let path = RollBackDeploymentPath {
        workspace_id: deployment.workspace_id,
        deployment_id: deployment.deployment_id,
        release_id: release.release_id,
    };
    let after = paths::deployment(deployment.workspace_id, deployment.deployment_id);
    let has_volumes = |spec: &Spec| !spec.volumes.is_empty();
    let meanwhile = if has_volumes(&deployment.spec) || has_volumes(&release.spec) {
        format!("Data is never rolled back: volumes keep their current data. {DOWNTIME}")
    } else {
        "The live release keeps running until the new one is live.".to_owned()
    };
    let tag = if deployment.auto_deploy {
        " The image that the tag points to now is not deployed again until the tag moves."
    } else {
        ""
    };
    let lead = format!(
        "Creates a release identical to release {}: the same image digest, environment, files and \
         ports. The settings change once it is live. {meanwhile}{tag}",
        release.number
    );
    view! {
        <Section title="Roll back" lead=lead>
            <Card>
                <div class="stack">
                    <DiffTable
                        changes=changes
                        none="No settings change."
                    />
                    <EndpointForm
                        endpoint=RollBackDeployment
                        path=path
                        success=after
                        kind=ButtonKind::Secondary
                        label=format!("Roll back to release {}", release.number)
                        busy_label="Rolling back…"
                    />
                </div>
            </Card>
        </Section>
    }
}
