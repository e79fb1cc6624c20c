//! One of several.

use leptos::prelude::*;

use crate::field::{Help, Label, described_by, id_of};

/// One of the choices of a [`Select`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// A choice of one, with its label.
#[component]
pub fn Select(
    /// What it asks for.
    #[prop(into)]
    label: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// The choices.
    choices: Vec<Choice>,
    /// The value that is chosen at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to choose.
    #[prop(optional, into)]
    hint: String,
    /// What is wrong with the choice.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Whether one of the choices is none.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let id = id_of(&name);
    view! {
        <div class="field">
            <Label id=id.clone() label=label optional=false />
            <select
                id=id.clone()
                class="input"
                name=name
                required=!optional
                aria-describedby=described_by(&id, !hint.is_empty())
                aria-invalid=error.is_some().then_some("true")
            >
                {choices
                    .into_iter()
                    .map(|choice| {
                        let selected = choice.value == value;
                        view! {
                            <option value=choice.value selected=selected>
                                {choice.label}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <Help id=id hint=hint error=error />
        </div>
    }
}
