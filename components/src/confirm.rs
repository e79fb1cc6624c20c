//! Confirmation before data is destroyed.

use leptos::prelude::*;
use models::form::CONFIRM;

use crate::field::id_of;

/// Asks people to type a name before they submit.
///
/// The browser itself blocks the form until the name matches, with or without scripts.
#[component]
pub fn ConfirmByTyping(
    /// The text to type.
    #[prop(into)]
    expected: String,
    /// Name of the input. It begins with an underscore, so that it is not part of the request.
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

/// Returns a pattern that matches exactly this text.
///
/// Special characters are escaped; an unescaped dot would match any character.
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
    fn the_text_to_confirm_is_literal() {
        assert_eq!(pattern_of("my-app_2"), "my-app_2");
        assert_eq!(pattern_of("a+b|c"), r"a\+b\|c");
        assert_eq!(pattern_of("ghcr.io"), r"ghcr\.io");
    }
}
