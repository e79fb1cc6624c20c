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
            view! { "Nobody looks while it is stopped." }.into_any()
        }
        (None, DesiredState::Running) => view! { "The runner has not looked yet." }.into_any(),
        (Some(look), DesiredState::Running) => found(look),
    };
    let tag = image.tag().unwrap_or_default().to_owned();
    view! {
        "It deploys when "
        <code>{tag}</code>
        " moves. "
        <span class="soft">{found}</span>
    }
    .into_any()
}

fn found(look: TagStatus) -> AnyView {
    let at = look.checked_at;
    let looked = view! {
        "Looked "
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
            ". What it means now is left alone until it moves again, because somebody rolled back: "
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
