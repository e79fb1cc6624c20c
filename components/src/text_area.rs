//! A multi-line input.

use leptos::prelude::*;

use crate::{
    area_text::area_text,
    field::{Help, Label, described_by, id_of},
};

/// A multi-line input with its label.
#[component]
pub fn TextArea(
    /// Label of the input.
    #[prop(into)]
    label: String,
    /// Name of the input in the form.
    #[prop(into)]
    name: String,
    /// Initial value.
    #[prop(optional, into)]
    value: String,
    /// Hint below the input.
    #[prop(optional, into)]
    hint: String,
    /// Validation error; `None` if the value is valid or not checked yet.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// True if the input may stay empty.
    #[prop(optional)]
    optional: bool,
    /// True for commands, files and other monospaced text.
    #[prop(optional)]
    mono: bool,
) -> impl IntoView {
    let id = id_of(&name);
    view! {
        <div class="field">
            <Label id=id.clone() label=label optional=optional />
            <textarea
                id=id.clone()
                class=if mono { "input input-mono" } else { "input" }
                name=name
                rows="3"
                required=!optional
                spellcheck="false"
                aria-describedby=described_by(&id, !hint.is_empty())
                aria-invalid=error.is_some().then_some("true")
            >
                // Browsers drop the first line break.
                {format!("\n{}", area_text(&value))}
            </textarea>
            <Help id=id hint=hint error=error />
        </div>
    }
}
