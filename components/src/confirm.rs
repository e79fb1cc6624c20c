//! The last question before data dies.

use leptos::prelude::*;

use crate::field::id_of;

/// Asks for a name to be typed; the browser itself refuses to submit the form otherwise, with or
/// without scripts.
#[component]
pub fn ConfirmByTyping(
    /// What must be typed: lower-case letters, digits and hyphens.
    #[prop(into)]
    expected: String,
    /// Its name in the form; the server ignores it.
    #[prop(default = "_confirm")]
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
                pattern=expected.clone()
                title=format!("Type {expected}")
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            />
        </div>
    }
}
