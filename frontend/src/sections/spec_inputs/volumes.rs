//! The inputs for the volumes of a deployment.

use components::select::Choice;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use models::{
    EnvironmentId, WorkspaceId,
    api::workspace::volume::{ListVolumes, ListVolumesPath},
    deployment::VolumeMount,
    error::ApiError,
    value::ContainerPath,
    volume::Volume,
};

use super::{BLANK_ROWS, choices_in};
use crate::{
    form::{MoreInputs, SelectInput, TextInput, typed_rows, typed_value},
    load::load,
    paths,
};

/// Note on the downtime that a volume causes; shown before anyone deploys.
pub(crate) const DOWNTIME: &str = "Only one instance can use a volume at a time, so the live release stops before the new one starts. This causes a short downtime. If the new release fails, the previous one starts again.";

/// Path of the volumes within a request.
const LIST: &str = "spec.volumes";

/// The volumes of the instance, and their folders.
#[component]
pub(crate) fn VolumeInputs(
    mut mounts: Vec<VolumeMount>,
    workspace_id: WorkspaceId,
    environment: Option<EnvironmentId>,
    /// The folders that the image declares as volumes but that have no volume.
    unkept: Vec<String>,
) -> impl IntoView {
    mounts.extend(mount_in_address(&mounts));
    let volumes = load::<ListVolumes>(
        Some(ListVolumesPath { workspace_id }),
        choices_in(environment),
    );
    let body = move || {
        let (mounts, unkept) = (mounts.clone(), unkept.clone());
        Suspend::new(async move {
            // Without the list, referenced volumes stay referenced.
            let volumes = volumes.await.map(|page| page.items);
            view! {
                <Inputs
                    mounts=mounts
                    volumes=volumes
                    workspace_id=workspace_id
                    environment=environment
                    unkept=unkept
                />
            }
        })
    };
    view! { <Suspense>{body}</Suspense> }
}

/// Returns the volume in the page's address (`?volume=&folder=`).
///
/// `None` if the volume or the folder is in use already.
fn mount_in_address(mounts: &[VolumeMount]) -> Option<VolumeMount> {
    let query = use_query_map();
    let given = |name: &str| query.read_untracked().get(name);
    let mount = VolumeMount {
        volume_id: given("volume")?.parse().ok()?,
        path: ContainerPath::new(given("folder")?).ok()?,
    };
    let is_there =
        |other: &VolumeMount| other.path == mount.path || other.volume_id == mount.volume_id;
    (!mounts.iter().any(is_there)).then_some(mount)
}

#[component]
fn Inputs(
    mounts: Vec<VolumeMount>,
    volumes: Result<Vec<Volume>, ApiError>,
    workspace_id: WorkspaceId,
    environment: Option<EnvironmentId>,
    unkept: Vec<String>,
) -> impl IntoView {
    let typed = typed_rows(LIST);
    let mut named: Vec<String> = mounts.iter().map(|m| m.volume_id.to_string()).collect();
    named.extend((0..typed).map(|row| typed_value(&format!("{LIST}[{row}].volume_id"))));
    let problem = volumes.as_ref().err().map(|error| error.message.clone());
    let choices = options(&named, &volumes.unwrap_or_default());
    let none = choices.len() == 1 && problem.is_none();
    let href = if none {
        paths::new_volume(workspace_id)
    } else {
        paths::volumes(workspace_id)
    };
    let href = paths::within(&href, environment);
    let link = if none {
        "Create a volume first."
    } else {
        "See all volumes."
    };
    let filled = mounts.len().max(typed);
    let rows = 0..filled + if none { 0 } else { BLANK_ROWS };
    let rows = rows.map(|row| view! { <VolumeRow row=row mount=mounts.get(row).cloned() choices=choices.clone() /> });
    let rows = rows.collect_view();
    view! {
        <MoreInputs summary="Volumes" fields=&[LIST] open={filled > 0}>
            <p class="field-hint">
                "Directories whose data outlives releases, restarts and the deployment itself. "
                {DOWNTIME}
                " A deployment with volumes has one instance. To remove a volume, choose No volume and clear its directory. "
                <a href=href>{link}</a>
            </p>
            {(!unkept.is_empty())
                .then(|| {
                    view! {
                        <p class="field-hint">
                            "The image stores data in " <code>{unkept.join(", ")}</code>
                            ". Without a volume there, the data is kept only until the next release."
                        </p>
                    }
                })}
            {problem
                .map(|message| {
                    view! { <p class="field-hint">"The volumes could not be loaded: " {message}</p> }
                })}
            {rows}
        </MoreInputs>
    }
}

#[component]
fn VolumeRow(row: usize, mount: Option<VolumeMount>, choices: Vec<Choice>) -> impl IntoView {
    let (volume, path) = mount.map_or_else(Default::default, |mount| {
        (mount.volume_id.to_string(), mount.path.to_string())
    });
    view! {
        <div class="form-row">
            <SelectInput
                label=format!("Volume {}", row + 1)
                field=format!("spec.volumes[{row}].volume_id")
                choices=choices
                value=volume
                optional=true
            />
            <TextInput
                label=format!("Directory of volume {}", row + 1)
                field=format!("spec.volumes[{row}].path")
                value=path
                placeholder="/var/lib/app"
                optional=true
                mono=true
            />
        </div>
    }
}

/// Returns the volumes that can be chosen.
///
/// They are the free ones and those already referenced, by the settings or by the posted form.
fn options(named: &[String], volumes: &[Volume]) -> Vec<Choice> {
    let is_named = |volume: &Volume| named.contains(&volume.volume_id.to_string());
    let offered = volumes
        .iter()
        .filter(|volume| is_named(volume) || (volume.attached.is_none() && volume.trash.is_none()))
        .map(|volume| Choice {
            value: volume.volume_id.to_string(),
            label: format!(
                "{} ({} on {})",
                volume.name, volume.size_bytes, volume.runner_name
            ),
        });
    let none = Choice {
        value: String::new(),
        label: "No volume".to_owned(),
    };
    let mut choices: Vec<Choice> = std::iter::once(none).chain(offered).collect();
    // A volume that the list lacks is kept; otherwise saving would drop it.
    for id in named {
        if !choices.iter().any(|choice| choice.value == *id) {
            choices.push(Choice {
                label: id.clone(),
                value: id.clone(),
            });
        }
    }
    choices
}
