//! Normalization of line breaks to LF.
//!
//! Browsers send every line break of a form as CR LF, and show CR as LF. A text with other line
//! breaks would change when someone opens a form and saves it, so all texts of several lines
//! use LF.

use serde::{Deserialize, Deserializer};

use super::SecretText;

/// Replaces each CR LF and each CR with LF.
pub fn line_feeds(text: String) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n")
    } else {
        text
    }
}

/// Reads a text of several lines, with LF as line breaks.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(line_feeds)
}

/// Reads a secret text of several lines, with LF as line breaks.
pub(super) fn read_secret<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<SecretText, D::Error> {
    read(deserializer).map(SecretText::new)
}

#[cfg(test)]
mod tests {
    use super::line_feeds;
    use crate::value::{EnvironmentValue, FileContent, SecretValue};

    #[test]
    fn every_line_break_is_a_line_feed() {
        for (text, expected) in [
            ("a\r\nb", "a\nb"),
            ("a\rb", "a\nb"),
            ("\r\n\r\n", "\n\n"),
            ("\r\r\n\n", "\n\n\n"),
            ("\na", "\na"),
            ("", ""),
        ] {
            assert_eq!(line_feeds(text.to_owned()), expected, "{text:?}");
            let json = serde_json::Value::from(text);
            let value: EnvironmentValue = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(value.as_str(), expected, "{text:?}");
            let content: FileContent = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(content.as_str(), expected, "{text:?}");
            let secret: SecretValue = serde_json::from_value(json).unwrap();
            assert_eq!(secret.expose(), expected, "{text:?}");
        }
    }
}
