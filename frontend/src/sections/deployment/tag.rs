//! The watched tag of a deployment with auto-deploy.

use components::{code::CodeInline, time::Moment};
use leptos::prelude::*;
use models::{
    deployment::{DesiredState, TagStatus},
    value::ImageReference,
};

/// Describes auto-deploy: the time of the last check, and its result.
pub(super) fn tag_line(
    image: &ImageReference,
    status: Option<TagStatus>,
    desired: DesiredState,
) -> AnyView {
    let result = match (status, desired) {
        (_, DesiredState::Stopped | DesiredState::Deleted) => {
            view! { "The tag is not checked while the deployment is stopped." }.into_any()
        }
        (None, DesiredState::Running) => {
            view! { "The runner has not checked the tag yet." }.into_any()
        }
        (Some(status), DesiredState::Running) => last_check(status),
    };
    let tag = image.tag().unwrap_or_default().to_owned();
    view! {
        "Deploys when "
        <code>{tag}</code>
        " moves. "
        <span class="soft">{result}</span>
    }
    .into_any()
}

fn last_check(status: TagStatus) -> AnyView {
    let at = status.checked_at;
    let checked = view! {
        "Checked "
        <Moment at=at />
    };
    match status {
        TagStatus {
            failure: Some(failure),
            ..
        } => view! {
            {checked}
            ": "
            {failure.message}
        }
        .into_any(),
        TagStatus {
            is_held: true,
            digest: Some(digest),
            ..
        } => view! {
            {checked}
            ". After a roll back, this image is not deployed until the tag moves again: "
            <CodeInline text=digest />
        }
        .into_any(),
        _ => view! {
            {checked}
            ", nothing new."
        }
        .into_any(),
    }
}
