//! Table of the newest values; it also names the lines of the charts beside it.

use leptos::prelude::*;

use super::SeriesColor;

/// The newest values of one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestRow {
    /// Name of the series.
    pub name: String,
    /// Details that distinguish the series from others.
    pub detail: String,
    /// Color of the series' lines.
    pub hue: SeriesColor,
    /// The values, one per column.
    pub values: Vec<String>,
}

/// A table of the newest values of several series.
#[component]
pub fn NewestValues(
    /// Accessible name of the table.
    #[prop(into)]
    label: String,
    /// Heading of the first column: the kind of things listed.
    #[prop(into)]
    subject: String,
    /// Headings of the value columns.
    columns: Vec<String>,
    /// The rows.
    rows: Vec<NewestRow>,
) -> impl IntoView {
    let columns = columns
        .into_iter()
        .map(|column| view! { <th scope="col">{column}</th> })
        .collect_view();
    let rows = rows.into_iter().map(row_view).collect::<Vec<_>>();
    view! {
        // The region scrolls on its own, with the keyboard too.
        <div class="newest" role="region" aria-label=label tabindex="0">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{subject}</th>
                        {columns}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row_view(row: NewestRow) -> AnyView {
    let values = row
        .values
        .into_iter()
        .map(|value| view! { <td>{value}</td> });
    let values = values.collect::<Vec<_>>();
    view! {
        <tr>
            <th scope="row">
                <span class=format!("newest-swatch {}", row.hue.class())></span>
                <code>{row.name}</code>
                " "
                <span class="soft">{row.detail}</span>
            </th>
            {values}
        </tr>
    }
    .into_any()
}
