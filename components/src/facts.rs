//! Properties of a thing, as names and values or as a few numbers.

use leptos::prelude::*;

/// A list of [`Fact`]s.
#[component]
pub fn Facts(
    /// The facts.
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One property: its name and its value.
#[component]
pub fn Fact(
    /// The name.
    #[prop(into)]
    name: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
}

/// A row of [`NumberTile`]s.
#[component]
pub fn Numbers(
    /// The tiles.
    children: Children,
) -> impl IntoView {
    view! { <div class="numbers">{children()}</div> }
}

/// A number that links to the things it counts.
#[component]
pub fn NumberTile(
    /// The number.
    #[prop(into)]
    value: String,
    /// Name of the counted things.
    #[prop(into)]
    label: String,
    /// Page of the counted things.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    view! {
        <a class="number" href=href>
            <span class="number-value">{value}</span>
            <span class="number-label">{label}</span>
        </a>
    }
}
