//! Text inside `textarea` elements, which Leptos does not escape.

/// Returns the markup between the tags of a `textarea` that holds this text.
///
/// On the server, Leptos writes the text verbatim (`ESCAPE_CHILDREN` of its `textarea` is
/// false), so a text that contains `</textarea>` would close the element and continue as
/// markup. In the browser, Leptos creates a text node, where no character is special.
pub(crate) fn area_text(text: &str) -> String {
    if cfg!(target_arch = "wasm32") {
        text.to_owned()
    } else {
        escaped(text)
    }
}

/// Escapes the only two characters that are special in a `textarea`.
///
/// Source: WHATWG HTML §13.2.5.2, the RCDATA state.
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
