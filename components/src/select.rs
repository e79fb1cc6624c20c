//! A choice of one option from several.

use leptos::prelude::*;

use crate::field::{Help, Label, described_by, id_of};

/// One option of a [`Select`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Value that the form sends.
    pub value: String,
    /// Label that people read.
    pub label: String,
}

/// A drop-down list with its label.
#[component]
pub fn Select(
    /// Label of the list.
    #[prop(into)]
    label: String,
    /// Name of the list in the form.
    #[prop(into)]
    name: String,
    /// The options.
    choices: Vec<Choice>,
    /// The initial value.
    #[prop(optional, into)]
    value: String,
    /// Hint below the list.
    #[prop(optional, into)]
    hint: String,
    /// Validation error; `None` if the choice is valid or not checked yet.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// True if one of the options is "none".
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
