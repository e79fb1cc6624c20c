//! Texts inside text areas, where Leptos escapes nothing.

/// What to put between the tags of a text area for it to hold this text.
///
/// On the server Leptos writes it as it is (`ESCAPE_CHILDREN` of its `textarea` is false), so that a
/// text with `</textarea>` in it would end the area and go on as markup. A browser that makes the
/// area itself makes a text of it, in which nothing has a meaning.
pub(crate) fn area_text(text: &str) -> String {
    if cfg!(target_arch = "wasm32") {
        text.to_owned()
    } else {
        escaped(text)
    }
}

/// Only these two mean something in a text area (WHATWG HTML §13.2.5.2, the RCDATA state).
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_in_a_text_ends_its_area_or_becomes_another_text() {
        assert_eq!(
            escaped("a</textarea><script>&lt;"),
            "a&lt;/textarea>&lt;script>&amp;lt;"
        );
        assert_eq!(escaped("\"plain\"\n"), "\"plain\"\n");
    }
}
