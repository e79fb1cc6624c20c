//! Rows of names and values.

mod row;

use leptos::prelude::*;

use crate::{
    hydrated::hydrated,
    icon::{Glyph, Icon},
};

use row::{Draft, EnvironmentRow, place_of};

/// Empty rows below the filled ones, for browsers that cannot add any.
const BLANK_ROWS: usize = 3;

/// Which half of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The name.
    Name,
    /// The value.
    Value,
}

/// Environment variables as rows of inputs. Rows without a name and a value do not count.
#[component]
pub fn EnvironmentRows(
    /// The variables there are already.
    rows: Vec<(String, String)>,
    /// The name in the form of one half of the row with this number.
    name_of: fn(usize, Half) -> String,
    /// What is wrong with one half of the row with this number.
    error_of: Callback<(usize, Half), Option<String>>,
) -> impl IntoView {
    let blank = (0..BLANK_ROWS).map(|_| (String::new(), String::new()));
    let drafts: Vec<Draft> = rows
        .into_iter()
        .chain(blank)
        .enumerate()
        .map(|(key, (name, value))| Draft::new(key, name, value))
        .collect();
    let next_key = StoredValue::new(drafts.len());
    let drafts = RwSignal::new(drafts);
    let hydrated = hydrated();

    let add = move |_| {
        let key = next_key.get_value();
        next_key.set_value(key + 1);
        drafts
            .write()
            .push(Draft::new(key, String::new(), String::new()));
    };
    let remove = move |key| drafts.write().retain(|draft| draft.key != key);

    view! {
        <div class="environment">
            <div class="environment-row environment-heads" aria-hidden="true">
                <span>"Name"</span>
                <span>"Value"</span>
            </div>
            <For each=move || drafts.get() key=|draft| draft.key let:draft>
                <EnvironmentRow
                    draft=draft
                    place=Memo::new(move |_| place_of(&drafts.read(), draft.key))
                    name_of=name_of
                    error_of=error_of
                    removable=hydrated
                    on_remove=Callback::new(move |()| remove(draft.key))
                />
            </For>
            <div hidden=move || !hydrated.get()>
                <button type="button" class="button" on:click=add>
                    <Icon glyph=Glyph::Plus />
                    "Add a variable"
                </button>
            </div>
        </div>
    }
}
