//! Lists of things that have pages of their own.

use leptos::prelude::*;

/// A list of [`Row`]s.
#[component]
pub fn Rows(
    /// What is listed, for those who hear the page.
    #[prop(into)]
    label: String,
    /// The rows.
    children: Children,
) -> impl IntoView {
    view! { <ul class="rows" aria-label=label>{children()}</ul> }
}

/// One thing of a list.
#[component]
pub fn Row(
    /// Its name.
    #[prop(into)]
    title: String,
    /// Where its page is; without one, the row is text only.
    #[prop(optional_no_strip, into)]
    href: Option<String>,
    /// What else tells it apart, on a second line.
    #[prop(into)]
    detail: String,
    /// How it is.
    #[prop(optional, into)]
    state: ViewFn,
    /// A small picture of it; all rows of a list have one or none has.
    #[prop(optional_no_strip, into)]
    picture: Option<ViewFn>,
    /// What stands at the end of the row.
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
