//! A single-line input with its label, hint and error.

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};

/// An input with its label.
#[component]
pub fn Field(
    /// Label of the input.
    #[prop(into)]
    label: String,
    /// Name of the input in the form.
    #[prop(into)]
    name: String,
    /// The HTML type of the input.
    #[prop(default = "text")]
    kind: &'static str,
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
    /// The input's `autocomplete` value.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// An example value.
    #[prop(optional, into)]
    placeholder: String,
    /// True for ids, images and other monospaced text.
    #[prop(optional)]
    mono: bool,
    /// Granularity of times and numbers: the input's `step`.
    #[prop(optional)]
    step: Option<&'static str>,
) -> impl IntoView {
    let id = id_of(&name);
    view! {
        <div class="field">
            <Label id=id.clone() label=label optional=optional />
            <input
                id=id.clone()
                class=if mono { "input input-mono" } else { "input" }
                type=kind
                name=name
                value=value
                step=step
                required=!optional
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                placeholder=some(placeholder)
                aria-describedby=described_by(&id, !hint.is_empty())
                aria-invalid=error.is_some().then_some("true")
            />
            <Help id=id hint=hint error=error />
        </div>
    }
}

/// The label of an input.
#[component]
pub(crate) fn Label(id: String, label: String, optional: bool) -> impl IntoView {
    view! {
        <label class="field-label" for=id>
            {label}
            {optional.then(|| view! { <span class="field-optional">"optional"</span> })}
        </label>
    }
}

/// The hint and the error below an input.
#[component]
pub(crate) fn Help(id: String, hint: String, error: Option<String>) -> impl IntoView {
    view! {
        {some(hint).map(|hint| view! { <p class="field-hint" id=format!("{id}-hint")>{hint}</p> })}
        <FieldError id=format!("{id}-error") error=error />
    }
}

/// The error of an input.
#[component]
pub(crate) fn FieldError(id: String, error: Option<String>) -> impl IntoView {
    view! {
        <div id=id>
            {error.map(|error| view! {
                            <p class="field-error">
                                <Icon glyph=Glyph::Warning />
                                {error}
                            </p>
                        })}
        </div>
    }
}

/// Returns the text, or `None` if it is empty.
fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Returns the id for the input with this name.
///
/// Brackets and dots are replaced, because they would make awkward selectors.
pub(crate) fn id_of(name: &str) -> String {
    let word: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    format!("field-{}", word.trim_matches('-'))
}

/// Returns the `aria-describedby` of the input with this id.
pub(crate) fn described_by(id: &str, has_hint: bool) -> String {
    if has_hint {
        format!("{id}-hint {id}-error")
    } else {
        format!("{id}-error")
    }
}

#[cfg(test)]
mod tests {
    use super::id_of;

    #[test]
    fn ids_are_plain_words() {
        assert_eq!(
            id_of("spec[environment][0][name]"),
            "field-spec-environment--0--name"
        );
    }
}
