//! What something is, in names and values or in a few numbers.

use leptos::prelude::*;

/// A list of [`Fact`]s.
#[component]
pub fn Facts(
    /// The facts.
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts">{children()}</dl> }
}

/// One name and its value.
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

/// A few [`NumberTile`]s side by side.
#[component]
pub fn Numbers(
    /// The numbers.
    children: Children,
) -> impl IntoView {
    view! { <div class="numbers">{children()}</div> }
}

/// A number that leads to what it counts.
#[component]
pub fn NumberTile(
    /// The number.
    #[prop(into)]
    value: String,
    /// What it counts.
    #[prop(into)]
    label: String,
    /// Where the counted things are.
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
