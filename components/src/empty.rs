//! Placeholder for an empty list.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// One sentence about the missing thing, and the first step to create it.
#[component]
pub fn EmptyState(
    /// Icon of the thing.
    glyph: Glyph,
    /// Title: says that there is none.
    #[prop(into)]
    title: String,
    /// Purpose of the thing, in one sentence.
    #[prop(into)]
    sentence: String,
    /// The first step, if any.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon glyph=glyph />
            <h2>{title}</h2>
            <p>{sentence}</p>
            {children.map(|step| view! { <div class="empty-step">{step()}</div> })}
        </div>
    }
}
