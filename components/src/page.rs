//! The top of a page.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// Where one is, and the one thing to do here.
#[component]
pub fn PageHeader(
    /// Where one is.
    #[prop(into)]
    title: String,
    /// What this page is for, in a sentence.
    #[prop(optional, into)]
    lead: Option<String>,
    /// The page above, as its name and address.
    #[prop(optional)]
    above: Option<(String, String)>,
    /// Stands beside the title.
    #[prop(optional, into)]
    aside: ViewFn,
    /// The primary action, and perhaps others.
    #[prop(optional, into)]
    actions: ViewFn,
) -> impl IntoView {
    let actions = actions.run();
    view! {
        <header class="page-header">
            {above
                .map(|(name, href)| {
                    view! {
                        <a class="crumb" href=href>
                            <Icon glyph=Glyph::Back />
                            {name}
                        </a>
                    }
                })}
            <div class="page-title">
                <h1>{title}</h1>
                {aside.run()}
                <div class="page-actions">{actions}</div>
            </div>
            {lead.map(|lead| view! { <p class="page-lead">{lead}</p> })}
        </header>
    }
}
