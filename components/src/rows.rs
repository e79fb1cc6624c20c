//! Lists of things that have their own pages.

use leptos::prelude::*;

/// A list of [`Row`]s.
#[component]
pub fn Rows(
    /// Accessible name of the list.
    #[prop(into)]
    label: String,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! { <ul class="rows" aria-label=label>{children()}</ul> }
}

/// One row of a list.
#[component]
pub fn Row(
    /// Name of the thing.
    #[prop(into)]
    title: String,
    /// Address of the thing's page; without one, the row is plain text.
    #[prop(optional_no_strip, into)]
    href: Option<String>,
    /// Details on a second line.
    #[prop(into)]
    detail: String,
    /// State of the thing.
    #[prop(optional, into)]
    state: ViewFn,
    /// A small chart of the thing. Either all rows of a list have one or none has.
    #[prop(optional_no_strip, into)]
    picture: Option<ViewFn>,
    /// Content at the end of the row.
    #[prop(optional, into)]
    end: ViewFn,
) -> impl IntoView {
    let name = match href {
        Some(href) => view! { <a class="row-link" href=href>{title}</a> }.into_any(),
        None => view! { <strong>{title}</strong> }.into_any(),
    };
    view! {
        <li>
            <div class="row">
                <div class="row-main">
                    {name}
                    <span class="row-detail">{detail}</span>
                </div>
                <div class="row-state">{state.run()}</div>
                {picture.map(|picture| view! { <div class="row-picture">{picture.run()}</div> })}
                <div class="row-end">{end.run()}</div>
            </div>
        </li>
    }
}
