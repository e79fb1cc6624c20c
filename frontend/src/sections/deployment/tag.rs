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
    look: Option<TagStatus>,
    desired: DesiredState,
) -> AnyView {
    let found = match (look, desired) {
        (_, DesiredState::Stopped | DesiredState::Deleted) => {
            view! { "The tag is not checked while the deployment is stopped." }.into_any()
        }
        (None, DesiredState::Running) => {
            view! { "The runner has not checked the tag yet." }.into_any()
        }
        (Some(look), DesiredState::Running) => found(look),
    };
    let tag = image.tag().unwrap_or_default().to_owned();
    view! {
        "Deploys when "
        <code>{tag}</code>
        " moves. "
        <span class="soft">{found}</span>
    }
    .into_any()
}

fn found(look: TagStatus) -> AnyView {
    let at = look.checked_at;
    let looked = view! {
        "Checked "
        <Moment at=at />
    };
    match look {
        TagStatus {
            failure: Some(failure),
            ..
        } => view! {
            {looked}
            ": "
            {failure.message}
        }
        .into_any(),
        TagStatus {
            is_held: true,
            digest: Some(digest),
            ..
        } => view! {
            {looked}
            ". After a roll back, this image is not deployed until the tag moves again: "
            <CodeInline text=digest />
        }
        .into_any(),
        _ => view! {
            {looked}
            ", nothing new."
        }
        .into_any(),
    }
}
