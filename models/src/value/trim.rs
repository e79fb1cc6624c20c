//! Trimming of blanks at both ends of typed text.
//!
//! Names, hosts, addresses and references are often copied from pages and terminals, together
//! with a blank or a line break. It has no meaning, so it is removed instead of refused.
//! Passwords, secrets, values of variables, arguments and files are not trimmed, because blanks
//! there may be intended.

use serde::{Deserialize, Deserializer};

/// Removes the blanks at both ends of a text.
pub fn trim(text: String) -> String {
    let kept = text.trim_matches(is_blank);
    if kept.len() == text.len() {
        text
    } else {
        kept.to_owned()
    }
}

/// Reads a text of one line and trims it.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(trim)
}

/// True for Unicode white space and two more characters without a width.
///
/// Editors and pages leave these behind: the zero width space and the byte order mark.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::trim;
    use crate::value::{
        Argument, ContainerPath, DisplayName, Email, EnvironmentName, EnvironmentValue,
        FileContent, ImageReference, Password, RegistryHost, RegistryPattern, RegistryUserName,
        ResourceName, SecretName, SecretText, SecretValue, UrlPath,
    };

    #[test]
    fn blanks_go_at_the_ends_and_stay_in_the_middle() {
        for (text, expected) in [
            ("a", "a"),
            (" a b\t", "a b"),
            ("\u{feff}a\u{200b}\u{a0}\r\n", "a"),
            (" \n", ""),
            ("", ""),
        ] {
            assert_eq!(trim(text.to_owned()), expected, "{text:?}");
        }
    }

    /// Reads a text with blanks around it, and returns the result as text.
    fn read<T: DeserializeOwned>(text: &str, shown: impl Fn(&T) -> &str) -> String {
        let value: T = serde_json::from_value(json!(format!(" \t{text}\r\n"))).unwrap();
        shown(&value).to_owned()
    }

    #[test]
    fn every_value_of_one_line_comes_without_blanks() {
        for (found, text) in [
            (read("app:1", ImageReference::as_str), "app:1"),
            (read("app", ResourceName::as_str), "app"),
            (read("Ada Lovelace", DisplayName::as_str), "Ada Lovelace"),
            (read("KEY", SecretName::as_str), "KEY"),
            (read("ada@example.org", Email::as_str), "ada@example.org"),
            (read("A", EnvironmentName::as_str), "A"),
            (read("ghcr.io", RegistryHost::as_str), "ghcr.io"),
            (read("ghcr.io/a", RegistryPattern::as_str), "ghcr.io/a"),
            (read("ada", RegistryUserName::as_str), "ada"),
            (read("/etc/a", ContainerPath::as_str), "/etc/a"),
            (read("/healthz", UrlPath::as_str), "/healthz"),
        ] {
            assert_eq!(found, text);
        }
        assert_eq!(ImageReference::new(" app:1\n").unwrap().as_str(), "app:1");
        assert_eq!(RegistryHost::new(" ghcr.io ").unwrap().as_str(), "ghcr.io");
    }

    #[test]
    fn no_blank_is_taken_from_a_secret_a_value_or_a_file() {
        for found in [
            read("a", Password::expose),
            read("a", SecretText::expose),
            read("a", Argument::as_str),
        ] {
            assert_eq!(found, " \ta\r\n");
        }
        for found in [
            read("a", SecretValue::expose),
            read("a", EnvironmentValue::as_str),
            read("a", FileContent::as_str),
        ] {
            assert_eq!(found, " \ta\n");
        }
    }
}
