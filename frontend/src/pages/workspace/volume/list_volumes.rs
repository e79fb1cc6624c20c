//! `/workspace/{workspace_id}/volume`

use components::{
    button::{ButtonKind, LinkButton},
    empty::EmptyState,
    icon::Glyph,
    page::PageHeader,
    rows::{Row, Rows},
    section::Section,
    status::{Badge, Status, Tone},
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    WorkspaceId,
    api::workspace::volume::{ListVolumes, ListVolumesPath},
    page::Page,
    rbac::{Permission, VolumeAction},
    volume::Volume,
};

use super::trash::Until;
use crate::{
    account::Rights,
    api_call::ApiCall,
    load::{Loaded, first_page, load},
    pages::workspace::ids::workspace_id,
    paths,
};

/// Lists a workspace's volumes, and below them those in the trash.
#[component]
pub(crate) fn ListVolumesPage() -> impl IntoView {
    let path = workspace_id().map(|workspace_id| ListVolumesPath { workspace_id });
    let volumes = load::<ListVolumes>(path.clone(), first_page());
    let view = move |page, rights| {
        let path = path.clone();
        path.map(|path| view! { <Volumes path=path page=page rights=rights /> })
            .into_any()
    };
    view! {
        <Title text="Volumes" />
        <Loaded loading=volumes view=view />
    }
}

#[component]
fn Volumes(path: ListVolumesPath, page: Page<Volume>, rights: Rights) -> impl IntoView {
    let workspace_id = path.workspace_id;
    let may_create = rights.allow(Permission::Volume(VolumeAction::Create));
    let create = move || may_create.then(|| new_volume(workspace_id));
    let (trashed, kept): (Vec<_>, Vec<_>) = page.items.iter().partition(|v| v.trash.is_some());
    let list = if kept.is_empty() {
        view! {
            <EmptyState
                glyph=Glyph::Volume
                title="No volumes yet"
                sentence="A volume is a folder on a runner whose data outlives releases, restarts and the deployment itself. Make one, then name it in a deployment's settings: a database needs one, most web apps do not."
            >
                {create}
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = kept.into_iter().map(row).collect::<Vec<_>>();
        view! { <Rows label="Volumes">{rows}</Rows> }.into_any()
    };
    let trash = (!trashed.is_empty()).then(|| {
        let rows = trashed.into_iter().map(row).collect::<Vec<_>>();
        view! {
            <Section title="Trash" lead="With all their data, until their time is over.">
                <Rows label="Trash">{rows}</Rows>
            </Section>
        }
    });
    view! {
        <div class="page">
            <PageHeader title="Volumes" actions=create />
            {list}
            {trash}
            <ApiCall endpoint=ListVolumes path=path query=first_page() />
        </div>
    }
}

fn new_volume(workspace_id: WorkspaceId) -> AnyView {
    view! {
        <LinkButton
            kind=ButtonKind::Primary
            glyph=Glyph::Plus
            href=paths::new_volume(workspace_id)
            label="New volume"
        />
    }
    .into_any()
}

fn row(volume: &Volume) -> AnyView {
    let detail = format!("{} on {}", volume.size_bytes, volume.runner_name);
    let status = match (&volume.attached, volume.trash) {
        (_, Some(trash)) if trash.is_purging => {
            Status::new(Tone::Busy, Glyph::Clock, "Being removed")
        }
        (_, Some(_)) => Status::new(Tone::Warn, Glyph::Warning, "In the trash"),
        (Some(_), None) => Status::new(Tone::Ok, Glyph::Check, "Attached"),
        (None, None) => Status::new(Tone::Neutral, Glyph::Dot, "Free"),
    };
    let user = volume.attached.as_ref();
    let user = user.map(|user| format!("{} at {}", user.name, user.path));
    let trash = volume.trash;
    view! {
        <Row
            title=volume.name.to_string()
            href=paths::volume(volume.workspace_id, volume.volume_id)
            detail=detail
            state=move || {
                view! {
                    <span class="status-line">
                        <Badge status=status />
                        {user.clone().map(|user| view! { <span class="status-age">{user}</span> })}
                        {trash.map(|trash| view! { <Until trash=trash /> })}
                    </span>
                }
            }
        />
    }
    .into_any()
}
