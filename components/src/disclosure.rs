//! What most people do not need, behind one line.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// A part of a page that opens when somebody wants to see it.
#[component]
pub fn Disclosure(
    /// The line that is always there.
    #[prop(into)]
    summary: String,
    /// Whether it is open at first.
    #[prop(optional)]
    open: bool,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="disclosure" open=open>
            <summary>
                <Icon glyph=Glyph::Chevron />
                {summary}
            </summary>
            <div class="disclosure-body">{children()}</div>
        </details>
    }
}
