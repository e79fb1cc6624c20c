//! A part of a log that stands still.

use leptos::prelude::*;

use super::{
    Line, as_count,
    marks::marked_view,
    row::{line_view, text_view},
};
use crate::format;

/// Lines of a log as they were found, with links to those before and behind them.
#[component]
pub fn LogPage(
    /// The lines, the oldest first.
    lines: Vec<Line>,
    /// What was searched for; it is marked.
    #[prop(into)]
    search: String,
    /// What to say when there are no lines.
    #[prop(into)]
    empty: String,
    /// Links to other parts of the log: what is there, and the address.
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
