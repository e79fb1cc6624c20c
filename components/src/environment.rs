//! Rows of names and values.

#![expect(
    missing_docs,
    reason = "the island macro writes a struct without a word about it"
)]

mod row;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    hydrated::hydrated,
    icon::{Glyph, Icon},
};

use row::{Draft, EnvironmentRow, place_of};

/// A variable as the form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The id of the secret whose value it has; empty when it has one of its own.
    pub secret: String,
}

/// A secret that a variable may take its value from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The secret's id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Empty rows below the filled ones, for browsers that cannot add any.
const BLANK_ROWS: usize = 2;

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// The row's number in the form.
    pub row: usize,
    /// What is wrong with it.
    pub message: String,
}

/// Environment variables as rows of inputs. Rows without a name and a value do not count.
#[island]
pub fn EnvironmentRows(
    /// The variables there are already.
    rows: Vec<Variable>,
    /// The secrets that values may come from.
    secrets: Vec<Source>,
    /// What the inputs' names begin with; the row's number and `name`, `value` or `secret_id` follow
    /// in brackets.
    #[prop(into)]
    prefix: String,
    /// What is wrong with which rows.
    errors: Vec<RowError>,
) -> impl IntoView {
    let blank = (0..BLANK_ROWS).map(|_| Variable::default());
    let drafts: Vec<Draft> = rows
        .into_iter()
        .chain(blank)
        .enumerate()
        .map(|(key, variable)| Draft::new(key, variable))
        .collect();
    let next_key = StoredValue::new(drafts.len());
    let drafts = RwSignal::new(drafts);
    let hydrated = hydrated();
    let prefix = StoredValue::new(prefix);
    let secrets = StoredValue::new(secrets);

    let add = move |_| {
        let key = next_key.get_value();
        next_key.set_value(key + 1);
        drafts.write().push(Draft::new(key, Variable::default()));
    };
    let remove = Callback::new(move |key| drafts.write().retain(|draft| draft.key != key));
    let row = move |draft: Draft| {
        let error = errors.iter().find(|error| error.row == draft.key);
        let error = error.map(|error| error.message.clone());
        view! {
            <EnvironmentRow
                draft=draft
                place=Memo::new(move |_| place_of(&drafts.read(), draft.key))
                prefix=prefix
                secrets=secrets
                error=error
                removable=hydrated
                on_remove=remove
            />
        }
    };

    view! {
        <div class="environment">
            <div class="environment-row environment-heads" aria-hidden="true">
                <span>"Name"</span>
                <span>"Value"</span>
            </div>
            <For each=move || drafts.get() key=|draft| draft.key children=row />
            <div hidden=move || !hydrated.get()>
                <button type="button" class="button" on:click=add>
                    <Icon glyph=Glyph::Plus />
                    "Add a variable"
                </button>
            </div>
        </div>
    }
}
