//! `/workspace/{workspace_id}/volume/{volume_id}`

use components::{
    button::ButtonKind,
    code::CodeInline,
    facts::{Fact, Facts},
    page::PageHeader,
    section::{Card, Section},
    time::Moment,
};
use leptos::prelude::*;
use leptos_meta::Title;
use models::{
    api::workspace::volume::{
        GetVolume, GetVolumePath, GetVolumeResponse, UpdateVolume, UpdateVolumePath,
    },
    endpoint::Empty,
    rbac::{Permission, VolumeAction},
    volume::Volume,
};

use super::{
    create_volume::SIZE_HINT,
    trash::{Deleting, InTrash},
};
use crate::{
    account::Rights,
    api_call::ApiCall,
    form::{EndpointForm, TextInput},
    load::{Loaded, load},
    pages::workspace::ids::{volume_id, workspace_id},
    paths,
};

/// A volume: who uses it, another name or size, the trash.
#[component]
pub(crate) fn GetVolumePage() -> impl IntoView {
    let path = workspace_id()
        .zip(volume_id())
        .map(|(workspace_id, volume_id)| GetVolumePath {
            workspace_id,
            volume_id,
        });
    let volume = load::<GetVolume>(path.clone(), Empty {});
    let view = move |GetVolumeResponse { volume }: GetVolumeResponse, rights: Rights| {
        let title = volume.name.to_string();
        let above = ("Volumes".to_owned(), paths::volumes(volume.workspace_id));
        let call = path.clone().map(|path| {
            view! { <ApiCall endpoint=GetVolume path=path query=Empty {} /> }
        });
        let may_delete = rights.allow(Permission::Volume(VolumeAction::Delete));
        let changing = rights
            .allow(Permission::Volume(VolumeAction::Edit))
            .then(|| view! { <Changing volume=volume.clone() /> });
        let trash = volume.trash.map(|trash| {
            view! { <InTrash volume=volume.clone() trash=trash may_restore=may_delete /> }
        });
        let deleting = (may_delete && volume.trash.is_none())
            .then(|| view! { <Deleting volume=volume.clone() /> });
        view! {
            <Title text=title.clone() />
            <div class="page page-narrow">
                <PageHeader title=title above=above />
                {trash}
                <About volume=volume />
                {changing}
                {deleting}
                {call}
            </div>
        }
        .into_any()
    };
    view! { <Loaded loading=volume view=view /> }
}

#[component]
fn About(volume: Volume) -> impl IntoView {
    let workspace_id = volume.workspace_id;
    let user = match volume.attached {
        Some(user) => {
            let href = paths::deployment(workspace_id, user.deployment_id);
            view! {
                <a href=href>{user.name.to_string()}</a>
                " at "
                <code>{user.path.to_string()}</code>
            }
            .into_any()
        }
        None => view! { <span class="soft">"nothing"</span> }.into_any(),
    };
    let at = volume.created_at;
    view! {
        <Card>
            <Facts>
                <Fact name="Used by">{user}</Fact>
                <Fact name="Size">{volume.size_bytes.to_string()}</Fact>
                <Fact name="Runner">
                    <a href=paths::runners(workspace_id)>{volume.runner_name.to_string()}</a>
                </Fact>
                <Fact name="Made">
                    <Moment at=at />
                </Fact>
                <Fact name="Id">
                    <CodeInline text=volume.volume_id.to_string() />
                </Fact>
            </Facts>
        </Card>
    }
}

#[component]
fn Changing(volume: Volume) -> impl IntoView {
    let path = UpdateVolumePath {
        workspace_id: volume.workspace_id,
        volume_id: volume.volume_id,
    };
    view! {
        <Section title="Name and size" lead="What is in it stays as it is.">
            <Card>
                <EndpointForm
                    endpoint=UpdateVolume
                    path=path
                    success=paths::volume(volume.workspace_id, volume.volume_id)
                    kind=ButtonKind::Primary
                    label="Save"
                    busy_label="Saving…"
                >
                    <TextInput label="Name" field="name" value=volume.name.to_string() mono=true />
                    <TextInput
                        label="Size"
                        field="size_bytes"
                        value=volume.size_bytes.to_string()
                        mono=true
                        hint=SIZE_HINT
                    />
                </EndpointForm>
            </Card>
        </Section>
    }
}
