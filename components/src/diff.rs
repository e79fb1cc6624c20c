//! Differences between two specifications, side by side.

use leptos::prelude::*;
use models::deployment::SpecChange;

/// A list of changes, each with the old and the new value.
#[component]
pub fn DiffTable(
    /// The changes.
    changes: Vec<SpecChange>,
    /// Text shown if nothing differs.
    #[prop(into)]
    none: String,
) -> impl IntoView {
    if changes.is_empty() {
        return view! { <p class="soft">{none}</p> }.into_any();
    }
    let rows = changes.into_iter().map(row).collect::<Vec<_>>();
    view! { <dl class="diff">{rows}</dl> }.into_any()
}

fn row(change: SpecChange) -> AnyView {
    let SpecChange {
        what,
        before,
        after,
    } = change;
    let before = before.map(|text| view! { <del>{text}</del> });
    let after = after.map(|text| view! { <ins>{text}</ins> });
    view! {
        <div class="diff-row">
            <dt>{what}</dt>
            <dd>{before} {after}</dd>
        </div>
    }
    .into_any()
}
