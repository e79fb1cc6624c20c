//! `/workspace/{workspace_id}/volume/{volume_id}`: a volume.

use components::{
    button::ButtonKind,
    code::CodeInline,
    facts::{Fact, Facts},
    section::{Card, Section},
    time::Moment,
};
use leptos::prelude::*;
use models::{
    api::workspace::volume::{
        GetVolume, GetVolumePath, GetVolumeResponse, UpdateVolume, UpdateVolumePath,
    },
    rbac::{Permission, VolumeAction},
    volume::Volume,
};

use super::{
    VOLUMES,
    create_volume::SIZE_HINT,
    lost::Lost,
    trash::{Deleting, InTrash},
};
use crate::{
    account::Grants,
    form::{EndpointForm, TextInput},
    pages::workspace::{
        ids::{volume_id, workspace_id},
        resource::get::{ResourcePage, thing_page},
    },
    paths,
    sections::environment_switch::EnvironmentFact,
};

/// A volume: the deployments that use it, its name and size, the trash.
#[component]
pub(crate) fn GetVolumePage() -> impl IntoView {
    let ids = workspace_id().zip(volume_id());
    let path = ids.map(|(workspace_id, volume_id)| GetVolumePath {
        workspace_id,
        volume_id,
    });
    thing_page(VOLUMES, GetVolume, path, thing)
}

fn thing(GetVolumeResponse { volume }: GetVolumeResponse, grants: Grants) -> ResourcePage {
    let may = |action| grants.allow(Permission::Volume(action));
    let may_delete = may(VolumeAction::Delete);
    let changing = may(VolumeAction::Edit).then(|| view! { <Changing volume=volume.clone() /> });
    let trash = volume.trash.clone().map(|trash| {
        view! { <InTrash volume=volume.clone() trash=trash may_restore=may_delete /> }
    });
    let lost_at = volume.lost_at.filter(|_| volume.trash.is_none());
    let lost = lost_at.map(|lost_at| {
        view! { <Lost volume=volume.clone() lost_at=lost_at may_replace=may_delete /> }
    });
    let deleting = (may_delete && volume.trash.is_none())
        .then(|| view! { <Deleting volume=volume.clone() /> });
    ResourcePage {
        title: volume.name.to_string(),
        workspace_id: volume.workspace_id,
        body: view! {
            {trash}
            {lost}
            <About volume=volume grants=grants />
            {changing}
            {deleting}
        }
        .into_any(),
    }
}

#[component]
fn About(volume: Volume, grants: Grants) -> impl IntoView {
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
                <EnvironmentFact
                    workspace_id=workspace_id
                    environment=volume.environment
                    grants=grants
                />
                <Fact name="Used by">{user}</Fact>
                <Fact name="Size">{volume.size_bytes.to_string()}</Fact>
                <Fact name="Runner">
                    <a href=paths::runner(workspace_id, volume.runner_id)>
                        {volume.runner_name.to_string()}
                    </a>
                </Fact>
                <Fact name="Created">
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
        <Section title="Name and size" lead="The data in the volume is not changed.">
            <Card>
                <EndpointForm
                    endpoint=UpdateVolume
                    path=path
                    success=paths::volume(volume.workspace_id, volume.volume_id)
                    kind=ButtonKind::Primary
                    label="Save volume"
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
