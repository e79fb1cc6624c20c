//! Parts of a page.

use leptos::prelude::*;

/// A part of a page under its own heading.
#[component]
pub fn Section(
    /// Its heading.
    #[prop(into)]
    title: String,
    /// What it is about, in a sentence.
    #[prop(optional, into)]
    lead: Option<String>,
    /// What can be done here, beside the heading.
    #[prop(optional, into)]
    actions: ViewFn,
    /// What is in it.
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

/// A framed block within a part.
#[component]
pub fn Card(
    /// Whether what is in it destroys something.
    #[prop(optional)]
    danger: bool,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    view! { <div class="card" class:card-danger=danger>{children()}</div> }
}
