//! Input rows for environment variables.

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

/// A variable as the form holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Id of the secret that supplies the value; empty if the variable has its own.
    pub secret: String,
}

/// A secret that can supply a variable's value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The secret's id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// Number of empty rows below the filled ones, for browsers that cannot add rows.
const BLANK_ROWS: usize = 2;

/// A validation error of one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowError {
    /// Number of the row in the form.
    pub row: usize,
    /// The error message.
    pub message: String,
}

/// Environment variables as rows of inputs.
///
/// Rows with neither a name nor a value are ignored.
#[island]
pub fn EnvironmentRows(
    /// The existing variables.
    rows: Vec<Variable>,
    /// The secrets that can supply values.
    secrets: Vec<Source>,
    /// Prefix of the inputs' names. The row's number and `name`, `value` or `secret_id` follow
    /// in brackets.
    #[prop(into)]
    prefix: String,
    /// Validation errors, by row.
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
                    "Add variable"
                </button>
            </div>
        </div>
    }
}
