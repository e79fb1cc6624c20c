//! Contents of a runner.

use components::{
    rows::{Row, Rows},
    section::Section,
};
use leptos::prelude::*;
use models::{WorkspaceId, deployment::DeploymentSummary, page::Page, volume::Volume};

use crate::{paths, sections::deployment_rows::DeploymentRows};

/// The deployments on the runner.
#[component]
pub(super) fn Deployments(
    workspace_id: WorkspaceId,
    page: Page<DeploymentSummary>,
    /// True if the deployments are of several environments.
    several: bool,
) -> impl IntoView {
    let more = more(page.items.len(), page.total);
    let rows = if page.items.is_empty() {
        view! { <p class="soft">"No deployments on this runner."</p> }.into_any()
    } else {
        view! { <DeploymentRows workspace_id=workspace_id deployments=page.items several=several /> }.into_any()
    };
    view! { <Section title="Deployments">{rows} {more}</Section> }
}

/// The volumes on the runner.
#[component]
pub(super) fn Volumes(page: Page<Volume>) -> impl IntoView {
    let more = more(page.items.len(), page.total);
    let rows = if page.items.is_empty() {
        view! { <p class="soft">"No volumes on this runner."</p> }.into_any()
    } else {
        let rows = page.items.into_iter().map(row).collect::<Vec<_>>();
        view! { <Rows label="Volumes">{rows}</Rows> }.into_any()
    };
    view! { <Section title="Volumes">{rows} {more}</Section> }
}

fn row(volume: Volume) -> AnyView {
    let detail = match (&volume.attached, volume.trash) {
        (Some(user), _) => format!("{}, {} at {}", volume.size_bytes, user.name, user.path),
        (None, Some(_)) => format!("{}, in trash", volume.size_bytes),
        (None, None) => format!("{}, not used", volume.size_bytes),
    };
    let href = paths::volume(volume.workspace_id, volume.volume_id);
    view! { <Row title=volume.name.to_string() href=href detail=detail /> }.into_any()
}

fn more(shown: usize, total: i64) -> Option<AnyView> {
    let shown = i64::try_from(shown).unwrap_or(i64::MAX);
    let words = (total > shown).then(|| format!("Showing the first {shown} of {total}."))?;
    Some(view! { <p class="soft">{words}</p> }.into_any())
}
