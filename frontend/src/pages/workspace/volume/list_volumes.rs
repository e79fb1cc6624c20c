//! `/workspace/{workspace_id}/volume`: the list of volumes.

use components::{
    icon::Glyph,
    rows::{Row, Rows},
    section::Section,
    status::{Badge, Status, Tone},
};
use leptos::prelude::*;
use models::{
    api::workspace::volume::{ListVolumes, ListVolumesPath},
    volume::{Trash, Volume},
};

use super::{VOLUMES, trash::Until};
use crate::{
    pages::workspace::resource::list::{ResourceList, list_page},
    paths,
    sections::environment_switch::environment_name,
};

/// Lists a workspace's volumes, followed by those in the trash.
#[component]
pub(crate) fn ListVolumesPage() -> impl IntoView {
    list_page(ResourceList {
        kind: VOLUMES,
        endpoint: ListVolumes,
        path: |workspace_id| ListVolumesPath { workspace_id },
        glyph: Glyph::Volume,
        none: "No volumes yet",
        sentence: "A volume is a folder on a runner's host whose data outlives releases, restarts and the deployment itself. Create one, then add it in the settings of a deployment. A database needs one; most web apps do not.",
        rows,
    })
}

fn rows(volumes: &[Volume], several: bool) -> AnyView {
    let (trashed, kept): (Vec<_>, Vec<_>) = volumes.iter().partition(|v| v.trash.is_some());
    let of = |volumes: Vec<&Volume>| {
        let rows = volumes.into_iter().map(|volume| row(volume, several));
        rows.collect::<Vec<_>>()
    };
    let kept = of(kept);
    let kept = (!kept.is_empty()).then(|| view! { <Rows label="Volumes">{kept}</Rows> });
    let trashed = of(trashed);
    let trash = (!trashed.is_empty()).then(|| {
        view! {
            <Section title="Trash" lead="Deleted volumes keep their data here until they are purged.">
                <Rows label="Trash">{trashed}</Rows>
            </Section>
        }
    });
    view! {
        {kept}
        {trash}
    }
    .into_any()
}

fn row(volume: &Volume, several: bool) -> AnyView {
    let place = several.then(|| format!("{} · ", environment_name(&volume.environment)));
    let place = place.unwrap_or_default();
    let detail = format!("{place}{} on {}", volume.size_bytes, volume.runner_name);
    let status = match (&volume.attached, &volume.trash) {
        (_, Some(trash)) if trash.is_purging && !volume.runner_connected => {
            Status::new(Tone::Bad, Glyph::Warning, "Waiting for its runner")
        }
        (
            _,
            Some(Trash {
                removal_failure: Some(_),
                ..
            }),
        ) => Status::new(Tone::Bad, Glyph::Warning, "Not removed yet"),
        (_, Some(trash)) if trash.is_purging => Status::new(Tone::Busy, Glyph::Clock, "Removing"),
        (_, Some(_)) => Status::new(Tone::Warn, Glyph::Warning, "In trash"),
        (_, None) if volume.lost_at.is_some() => Status::new(Tone::Bad, Glyph::Warning, "Lost"),
        (Some(_), None) => Status::new(Tone::Ok, Glyph::Check, "Attached"),
        (None, None) => Status::new(Tone::Neutral, Glyph::Dot, "Not attached"),
    };
    let user = volume.attached.as_ref();
    let user = user.map(|user| format!("{} at {}", user.name, user.path));
    let trash = volume.trash.clone();
    let kept = trash
        .as_ref()
        .and_then(|trash| trash.removal_failure.clone());
    let kept = kept.map(|kept| kept.failure.message);
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
                        {trash.clone().map(|trash| view! { <Until trash=trash /> })}
                        {kept.clone().map(|kept| view! { <span class="status-age">{kept}</span> })}
                    </span>
                }
            }
        />
    }
    .into_any()
}
