//! Sections of a page.

use leptos::prelude::*;

/// A section with its own heading.
#[component]
pub fn Section(
    /// The heading.
    #[prop(into)]
    title: String,
    /// Purpose of the section, in one sentence.
    #[prop(optional, into)]
    lead: Option<String>,
    /// Actions beside the heading.
    #[prop(optional, into)]
    actions: ViewFn,
    /// The section's content.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head">
                <h2>{title}</h2>
                {actions.run()}
            </div>
            {lead.filter(|lead| !lead.is_empty()).map(|lead| view! { <p class="section-lead">{lead}</p> })}
            {children()}
        </section>
    }
}

/// A framed block within a section.
#[component]
pub fn Card(
    /// True if the block contains a destructive action.
    #[prop(optional)]
    danger: bool,
    /// The block's content.
    children: Children,
) -> impl IntoView {
    view! { <div class="card" class:card-danger=danger>{children()}</div> }
}
