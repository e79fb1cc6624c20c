//! Collapsible content behind one line.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// A section that people can expand.
#[component]
pub fn Disclosure(
    /// The line that is always visible.
    #[prop(into)]
    summary: String,
    /// True if the section is expanded at first.
    #[prop(optional)]
    open: bool,
    /// The collapsible content.
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
