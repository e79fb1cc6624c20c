//! The header of a page.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// The page's title and its main action.
#[component]
pub fn PageHeader(
    /// Title of the page.
    #[prop(into)]
    title: String,
    /// Purpose of the page, in one sentence.
    #[prop(optional, into)]
    lead: Option<String>,
    /// The parent page, as its name and address.
    #[prop(optional)]
    above: Option<(String, String)>,
    /// Content beside the title.
    #[prop(optional, into)]
    aside: ViewFn,
    /// The primary action, and possibly others.
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
