//! Several lines of input.

use leptos::prelude::*;

use crate::{
    area_text::area_text,
    field::{Help, Label, described_by, id_of},
};

/// A text of several lines with its label.
#[component]
pub fn TextArea(
    /// What it asks for.
    #[prop(into)]
    label: String,
    /// Its name in the form.
    #[prop(into)]
    name: String,
    /// What is in it at first.
    #[prop(optional, into)]
    value: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: String,
    /// What is wrong with what was typed.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Whether it may stay empty.
    #[prop(optional)]
    optional: bool,
    /// Whether it is a command, a file or the like.
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
                // A browser drops the first line break.
                {format!("\n{}", area_text(&value))}
            </textarea>
            <Help id=id hint=hint error=error />
        </div>
    }
}
