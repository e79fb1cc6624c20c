//! The newest values as a table, which names the lines of the charts beside it.

use leptos::prelude::*;

use super::Hue;

/// The newest values of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestRow {
    /// What it is called.
    pub name: String,
    /// What else tells it apart.
    pub detail: String,
    /// How its lines look.
    pub hue: Hue,
    /// Its values, one for each column.
    pub values: Vec<String>,
}

/// The newest values of several things.
#[component]
pub fn NewestValues(
    /// What the table is called.
    #[prop(into)]
    label: String,
    /// What things are listed.
    #[prop(into)]
    subject: String,
    /// What the values are.
    columns: Vec<String>,
    /// The things.
    rows: Vec<NewestRow>,
) -> impl IntoView {
    let columns = columns
        .into_iter()
        .map(|column| view! { <th scope="col">{column}</th> })
        .collect_view();
    let rows = rows.into_iter().map(row_view).collect::<Vec<_>>();
    view! {
        // It scrolls within itself, by keys too.
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
