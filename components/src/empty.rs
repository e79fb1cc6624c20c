//! What stands where a list has nothing in it.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// One sentence about the thing that is missing, and the first step to it.
#[component]
pub fn EmptyState(
    /// A picture of the thing.
    glyph: Glyph,
    /// That there is none.
    #[prop(into)]
    title: String,
    /// What the thing is for, in one sentence.
    #[prop(into)]
    sentence: String,
    /// The first step, if there is one.
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
