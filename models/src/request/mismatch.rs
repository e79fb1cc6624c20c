//! Messages for people about values of the wrong type.
//!
//! Serde has a fixed form for each of its messages (`serde::de::Error`). The messages here
//! leave out the value itself, because it may be a secret in the wrong field.

use std::fmt::Display;

use crate::error::FieldError;

/// The whole-number types of Rust, and their bounds.
const WHOLE_NUMBERS: [(&str, &str); 8] = [
    ("u8", "0 to 255"),
    ("u16", "0 to 65535"),
    ("u32", "0 to 4294967295"),
    ("u64", "0 to 18446744073709551615"),
    ("i8", "-128 to 127"),
    ("i16", "-32768 to 32767"),
    ("i32", "-2147483648 to 2147483647"),
    ("i64", "-9223372036854775808 to 9223372036854775807"),
];

/// Returns the field and the message for an error about a value.
pub(super) fn describe<E: Display>(error: &serde_path_to_error::Error<E>) -> FieldError {
    let path = error.path().to_string();
    let parent = if path == "." { String::new() } else { path };
    let reason = error.inner().to_string();
    // `serde_json` appends the position in the text.
    let reason = reason
        .rsplit_once(" at line ")
        .map_or(reason.as_str(), |(reason, _)| reason);
    let missing = reason.strip_prefix("missing field `");
    if let Some((name, _)) = missing.and_then(|rest| rest.split_once('`')) {
        let dot = if parent.is_empty() { "" } else { "." };
        return FieldError {
            field: format!("{parent}{dot}{name}"),
            message: "This field is required.".to_owned(),
        };
    }
    FieldError {
        field: parent,
        message: message(reason),
    }
}

fn message(reason: &str) -> String {
    let mismatch = reason
        .strip_prefix("invalid type: ")
        .or_else(|| reason.strip_prefix("invalid value: "));
    if let Some((found, expected)) = mismatch.and_then(|text| text.rsplit_once(", expected ")) {
        let found = kind(found, expected);
        return format!("Expected {}, not {found}.", expectation(expected));
    }
    if reason.starts_with("unknown variant `")
        && let Some((_, choices)) = reason.rsplit_once("`, expected ")
    {
        return format!("Expected {choices}.");
    }
    // The standard library's messages for invalid numbers, which forms and queries send as
    // text.
    if reason.contains("invalid digit") || reason.contains("cannot parse integer") {
        return "Expected a whole number.".to_owned();
    }
    if reason.contains("number too") {
        return "This number is out of range.".to_owned();
    }
    "This value is not valid here.".to_owned()
}

fn expectation(expected: &str) -> String {
    if let Some((_, bounds)) = WHOLE_NUMBERS.iter().find(|(name, _)| *name == expected) {
        return format!("a whole number from {bounds}");
    }
    match expected {
        "a string" | "a borrowed string" | "a formatted string" => "a string".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a sequence" => "a list".to_owned(),
        other if other.starts_with("struct ") || other == "a map" => "an object".to_owned(),
        other => other.to_owned(),
    }
}

fn kind(found: &str, expected: &str) -> &'static str {
    let is_number = WHOLE_NUMBERS.iter().any(|(name, _)| *name == expected);
    match found.split([' ', '`']).next() {
        Some("integer" | "floating") if is_number => "another number",
        Some("integer" | "floating") => "a number",
        Some("string" | "character") => "a string",
        Some("boolean") => "true or false",
        Some("null" | "unit" | "Option") => "null",
        Some("sequence") => "a list",
        Some("map") => "an object",
        _ => "this",
    }
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn a_message_never_repeats_the_value() {
        for reason in [
            "invalid type: string \"hunter2, expected u8\", expected u16",
            "invalid value: string \"hunter2\", expected a date",
            "unknown variant `hunter2`, expected one of `a`, `b`",
            "hunter2 is no address",
        ] {
            assert!(!message(reason).contains("hunter2"), "{reason}");
        }
        assert_eq!(
            message("unknown variant `c`, expected `a` or `b`"),
            "Expected `a` or `b`."
        );
        assert_eq!(
            message("invalid digit found in string"),
            "Expected a whole number."
        );
    }
}
