//! The last question before data dies.

use leptos::prelude::*;
use models::form::CONFIRM;

use crate::field::id_of;

/// Asks for a name to be typed; the browser itself refuses to submit the form otherwise, with or
/// without scripts.
#[component]
pub fn ConfirmByTyping(
    /// What must be typed.
    #[prop(into)]
    expected: String,
    /// Its name in the form; it begins with an underscore, so that it is no part of the request.
    #[prop(default = CONFIRM)]
    name: &'static str,
) -> impl IntoView {
    let id = id_of(name);
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>
                "Type " <code>{expected.clone()}</code> " to confirm"
            </label>
            <input
                id=id
                class="input input-mono"
                type="text"
                name=name
                required
                pattern=pattern_of(&expected)
                title=format!("Type {expected}")
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            />
        </div>
    }
}

/// The pattern that this text alone fits: in a pattern a dot, say, is any character.
fn pattern_of(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if r"^$\.*+?()[]{}|/".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::pattern_of;

    #[test]
    fn what_must_be_typed_stands_for_itself() {
        assert_eq!(pattern_of("my-app_2"), "my-app_2");
        assert_eq!(pattern_of("a+b|c"), r"a\+b\|c");
        assert_eq!(pattern_of("ghcr.io"), r"ghcr\.io");
    }
}
