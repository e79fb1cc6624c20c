//! Differences between two specifications, side by side.

use leptos::prelude::*;
use models::deployment::Difference;

/// A list of differences, each with the old and the new value.
#[component]
pub fn Differences(
    /// The differences.
    differences: Vec<Difference>,
    /// Text shown if nothing differs.
    #[prop(into)]
    none: String,
) -> impl IntoView {
    if differences.is_empty() {
        return view! { <p class="soft">{none}</p> }.into_any();
    }
    let rows = differences.into_iter().map(row).collect::<Vec<_>>();
    view! { <dl class="differences">{rows}</dl> }.into_any()
}

fn row(difference: Difference) -> AnyView {
    let Difference {
        what,
        before,
        after,
    } = difference;
    let before = before.map(|text| view! { <del>{text}</del> });
    let after = after.map(|text| view! { <ins>{text}</ins> });
    view! {
        <div class="difference">
            <dt>{what}</dt>
            <dd>{before} {after}</dd>
        </div>
    }
    .into_any()
}
