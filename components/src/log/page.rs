//! A static page of a log.

use leptos::prelude::*;

use super::{
    Line, as_count,
    highlights::marked_view,
    row::{line_view, text_view},
};
use crate::format;

/// Lines of a search result, with links to earlier and later ones.
#[component]
pub fn LogPage(
    /// The lines, oldest first.
    lines: Vec<Line>,
    /// The search text, highlighted in the lines.
    #[prop(into)]
    search: String,
    /// Text shown if there are no lines.
    #[prop(into)]
    empty: String,
    /// Links to other ranges of the log, as label and address.
    elsewhere: Vec<(String, String)>,
) -> impl IntoView {
    let count = format::count(as_count(lines.len()), "line");
    let elsewhere = elsewhere
        .into_iter()
        .map(|(label, href)| view! { <a href=href>{label}</a> })
        .collect_view();
    let rows = if lines.is_empty() {
        view! { <p class="log-empty">{empty}</p> }.into_any()
    } else {
        let rows = lines.into_iter().map(|line| {
            let text = if search.is_empty() {
                text_view(&line.text)
            } else {
                marked_view(&line.text, &search)
            };
            line_view(&line, text)
        });
        view! { <div class="log-sheet">{rows.collect_view()}</div> }.into_any()
    };
    view! {
        <div class="log">
            <div class="log-bar">
                <span>{count}</span>
                <span>"Times in UTC"</span>
                {elsewhere}
            </div>
            <div class="log-lines" role="log" aria-live="off" aria-label="Log" tabindex="0">
                {rows}
            </div>
        </div>
    }
}
